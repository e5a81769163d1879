"""What goes wrong below the engine."""


class MachineError(RuntimeError):
    """The machine cannot do it: compiler, OpenMP, device, memory, disk. Exit code 4."""

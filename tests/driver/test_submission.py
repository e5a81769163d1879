"""Profiles and batch scripts, without Slurm: what is refused, and what a shell makes of the rest."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darklat.driver.jobs.script import script
from darklat.driver.jobs.slurm import job_name
from darklat.errors import ConfigError, InputError
from darklat.schema.keys import key_paths
from darklat.schema.profile import Profile, load

CONFIGS = Path(__file__).parents[2] / "configs" / "profiles"

EVIL = [
    "a b", "it's", 'say "x"', "$(touch pwned)", "`touch pwned`", "; touch pwned #", "a\nb", "\ttab", "$HOME", "\\",
    "*", "~", "!!", "é ü 雪 \U0001f600", "-rf", "&& touch pwned", "${IFS}", "%j", "'\"'\"'", "a\rb", " ", "\x1b[31m",
]  # fmt: skip


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text))
    return str(caught.value).replace(f"{tmp_path}/", "").split("\n")


# ---- Profiles. ----


def test_the_examples_are_valid_and_one_has_every_key() -> None:
    gpu, cpu = load(CONFIGS / "slurm_gpu.yaml"), load(CONFIGS / "slurm_cpu.yaml")
    assert (gpu.gres, gpu.backend, gpu.cpus, gpu.time) == ("gpu:1", "cuda", 8, "24:00:00")
    assert gpu.venv == os.path.expanduser("~/venvs/darklat")
    assert (cpu.gres, cpu.backend, cpu.cpus, cpu.signal_seconds) == (None, "cpu", 32, 120)
    shown = re.findall(r"^(?:# )?([a-z_]+):", (CONFIGS / "slurm_gpu.yaml").read_text(), re.M)
    assert set(shown) == {path[0] for path in key_paths(Profile)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cpus: 2", "p.yaml:1:1: time: missing; write for example time: 24:00:00"),
        ("time: 60\nacount: x", "p.yaml:2:1: acount: unknown key; did you mean account?"),
        ("time: 60\ncpu: 4", "p.yaml:2:1: cpu: unknown key; did you mean cpus?"),
        ("time: 60\ntime: 70", "p.yaml:2:1: time: given twice, on line 1 and on line 2: remove one"),
        ("time: 1h", "p.yaml:1:7: time: '1h' is no span of time: write minutes, minutes:seconds, hours:minutes:seconds, days-hours[:minutes[:seconds]]; for example 12:00:00"),
        ("time: [1]", "p.yaml:1:7: time: must be a span of time, such as 24:00:00, found a list"),
        ("time: 0", "p.yaml:1:7: time: '0' is no span of time"),
        ("time: 60\nmemory: 32GB", "p.yaml:2:9: memory: must be a number of megabytes, or one with K, M, G or T, for example 32G, found the text '32GB'; write 32G"),
        ("time: 60\ncpus: 0", "p.yaml:2:7: cpus: must be an integer from 1 to 4096, found 0"),
        ("time: 60\nbackend: gpu", "p.yaml:2:10: backend: must be auto, cpu or cuda, found the text 'gpu'"),
        ("time: 1\nsignal_seconds: 60", "p.yaml:2:17: signal_seconds: 60 s before the end of 1 the job has not begun yet: use fewer, or a longer time"),
        ("time: 2:00", "p.yaml:1:7: signal_seconds: 120 s before the end of 2:00 the job has not begun yet"),
        ("time: 60\nenvironment: {1A: x}", "p.yaml:2:15: environment.1A: an environment variable is named by letters, digits and _, and does not begin with a digit"),
        ("time: 60\nenvironment: {'A;B': x}", "p.yaml:2:15: environment.A;B: an environment variable is named by"),
        ("time: 60\nenvironment: {A: 3}", "p.yaml:2:18: environment.A: must be the text of a variable, found 3; put it in quotes"),
        ('time: 60\nenvironment: {A: "x\\0y"}', "p.yaml:2:18: environment.A: character 2 is NUL, which no shell variable can hold"),
        ('time: 60\nenvironment: {A: "\\ud800"}', "p.yaml:2:18: environment.A: character 1 is '\\ud800', half of a character"),
        ("time: 60\nmodules: gcc", "p.yaml:2:10: modules: must be a list of modules, such as [gcc/12, cuda/12.4], found the text 'gcc'"),
        ("time: 60\nmodules: [gcc, '']", "p.yaml:2:16: modules[1]: must be the name of a module, found an empty one"),
        ("time: 60\nmodules: [--force]", "p.yaml:2:11: modules[0]: must not begin with -, which `module load` would take for an option"),
        ("time: 60\noptions: [-C a100]", "p.yaml:2:11: options[0]: must be an option of sbatch in its long form, --name or --name=value, found the text '-C a100'"),
        ("time: 60\noptions: [--time=5]", "p.yaml:2:11: options[0]: --time is set by the key time: leave it out here"),
        ("time: 60\noptions: [--output=x]", "p.yaml:2:11: options[0]: --output is set by the script: leave it out here"),
        ("time: 60\naccount: --wrap", "p.yaml:2:10: account: must not begin with -, which sbatch would take for another option"),
        ("", "p.yaml:1:1: the profile is empty; `darklat config slurm_gpu` has every key"),
        ("[1]", "p.yaml:1:1: a profile is a mapping of keys to values, found a list"),
    ],
)  # fmt: skip
def test_refused_profiles(tmp_path: Path, text: str, expected: str) -> None:
    assert problems(tmp_path, text)[0].startswith(expected)


def yaml_quoted(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


@pytest.mark.parametrize("value", [text for text in EVIL if text not in ("*", "~", "!!", "%j")])
@pytest.mark.parametrize(
    "key", ["account", "partition", "qos", "gres", "memory", "time", "options"]
)
def test_what_no_sbatch_line_can_hold_is_refused_by_key(
    tmp_path: Path, key: str, value: str
) -> None:
    shown = yaml_quoted(f"--comment={value}é") if key == "options" else yaml_quoted(value)
    text = f"{'' if key == 'time' else 'time: 60'}\n{key}: " + (
        f"[{shown}]" if key == "options" else shown
    )
    (problem,) = problems(tmp_path, text)
    assert re.match(rf"p.yaml:2:\d+: {key}(\[0\])?: .", problem)
    assert problem.isprintable()


# ---- Scripts. ----

FAKE_PYTHON = """#!/bin/bash
# Stands for darklat: notes what it is given, then does what $folder/behaviour says.
printf '%s\\0' "$@" "A=$A" "OMP=$OMP_NUM_THREADS" > "$NOTES/arguments"
while [[ $# -gt 0 && $1 != resume && $1 != --out ]]; do shift; done
folder=$2
mkdir -p "$folder/checkpoints"
touch "$folder/config.yaml"
stop() { echo "got $1"; touch "$folder/checkpoints/step-000000040.h5"; exit 85; }
trap 'stop USR2' USR2
trap 'stop TERM' TERM
source "$NOTES/traps"
echo started > "$NOTES/started"
source "$NOTES/behaviour"
"""


class Job:
    """A script made for one folder, run by bash with a darklat, a scontrol and a `module` that only
    take notes."""

    def __init__(
        self,
        tmp_path: Path,
        folder: Path,
        profile: str = "",
        behaviour: str = "exit 0",
        traps: str = "",
    ) -> None:
        self.notes = tmp_path / "notes"
        for name, text in (("python", FAKE_PYTHON), ("activate", "export ACTIVE=yes\n")):
            path = tmp_path / "venv" / "bin" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)
        self.notes.mkdir(exist_ok=True)
        (self.notes / "behaviour").write_text(behaviour)
        (self.notes / "traps").write_text(traps)  # set before it says that it has started
        (folder / "job").mkdir(parents=True, exist_ok=True)
        scontrol = tmp_path / "bin" / "scontrol"
        scontrol.parent.mkdir(exist_ok=True)
        scontrol.write_text('#!/bin/bash\nprintf "%s\\0" "$@" > "$NOTES/scontrol"\n')
        scontrol.chmod(0o755)
        found = load(written(tmp_path, f"time: 60\nvenv: {tmp_path}/venv\n{profile}"))
        self.text = script(found, name="n", folders=[folder], array=False)
        self.path = tmp_path / "job.sh"
        self.path.write_text(self.text, encoding="utf-8")
        module = '() {  printf "%s\\0" "$@" >> "$NOTES/modules"\n}'
        self.environment = os.environ | {
            "PATH": f"{scontrol.parent}:{os.environ['PATH']}", "NOTES": str(self.notes),
            "SLURM_JOB_ID": "77", "BASH_FUNC_module%%": module, "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        self.cwd = tmp_path / "cwd"
        self.cwd.mkdir(exist_ok=True)

    def start(self) -> subprocess.Popen[str]:
        (self.notes / "started").unlink(missing_ok=True)
        (self.notes / "scontrol").unlink(missing_ok=True)
        return subprocess.Popen(
            ["bash", str(self.path)], cwd=self.cwd, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *signals: signal.Signals) -> tuple[int, str]:
        """Exit code and output of the script, which gets the signals once darklat has started."""
        process = self.start()
        for number in signals:
            while process.poll() is None and not (self.notes / "started").exists():
                time.sleep(0.01)
            process.send_signal(number)
        output, _ = process.communicate(timeout=30)
        return process.returncode, output

    def noted(self, name: str) -> list[str] | None:
        path = self.notes / name
        return path.read_bytes().decode().split("\0")[:-1] if path.exists() else None


@pytest.mark.parametrize("value", EVIL)
def test_evil_values_reach_no_shell(tmp_path: Path, value: str) -> None:
    folder = tmp_path / (value.replace("%", "").replace("\\", "") or "x")
    quoted = yaml_quoted(value)
    modules = f"modules: [{quoted}]\n" if not value.startswith("-") else ""
    job = Job(tmp_path, folder, f"{modules}environment: {{A: {quoted}}}\ncpus: 3")
    code, output = job.run()
    assert (code, job.noted("scontrol")) == (0, None), output
    config = f"{folder}/job/config.yaml"
    assert job.noted("arguments") == [
        "-P", "-m", "darklat", "run", config, "--out", str(folder), "--backend", "auto", f"A={value}", "OMP=3",
    ]  # fmt: skip
    assert job.noted("modules") == (["load", value] if modules else None)
    assert [p.name for p in tmp_path.rglob("pwned")] == []
    assert list(job.cwd.iterdir()) == []
    for line in job.text.splitlines():
        if line.startswith("#SBATCH"):
            assert re.fullmatch(r"#SBATCH --[a-z-]+(=[A-Za-z0-9_.:@%-]+)?", line)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30))
def test_any_text_in_a_script_is_one_word_of_the_shell(text: str) -> None:
    profile = Profile(time="60", venv=f"/venv/{text}", environment={"A": text})
    folder = Path("/runs") / ("x" + re.sub(r"[%\\/]", "", text))
    lines = script(profile, name=text, folders=[folder], array=False)
    head = lines.partition("# ---- From here on")[0]
    assert head.startswith(f"#!/bin/bash\n#SBATCH --job-name={job_name(text)}\n")
    shell = head.replace("source ", ": ") + 'printf \'%s\\0\' "$A" "$python" "${folders[@]}"'
    done = subprocess.run(["bash", "-c", shell], capture_output=True, check=True)
    assert done.stdout.decode().split("\0") == [text, f"/venv/{text}/bin/python", str(folder), ""]


def test_names_of_jobs() -> None:
    assert job_name("first_light") == "first_light"
    assert job_name("--wrap=x; $(rm -rf) é") == "wrap=x_rm_-rf_"
    assert job_name("雪") == "_" and job_name("--") == "run" and len(job_name("x" * 100)) == 64


@pytest.mark.parametrize("name", ["100%", "back\\slash"])
def test_a_folder_that_slurm_cannot_name_its_log_in_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="choose another --out"):
        script(Profile(time="60"), name="n", folders=[Path(name)], array=False)


def test_an_array_takes_the_folder_of_its_task(tmp_path: Path) -> None:
    folders = [tmp_path / "a b", tmp_path / "c"]
    job = Job(tmp_path, folders[0])
    profile = Profile(time="60", venv=str(tmp_path / "venv"), tasks_at_once=3)
    text = script(profile, name="n", folders=folders, array=True)
    assert "#SBATCH --array=0-1%3\n" in text and "#SBATCH --output=slurm-%A_%a.log\n" in text
    job.path.write_text(text)
    for task, folder in enumerate(folders):
        job.environment["SLURM_ARRAY_TASK_ID"] = str(task)
        assert job.run()[0] == 0
        assert str(folder) in (job.noted("arguments") or [])


def test_tasks_share_a_run(tmp_path: Path) -> None:
    """Through srun, which gets the signals and hands them on; of one task there is no srun."""
    job = Job(
        tmp_path, tmp_path / "run", "nodes: 2\ntasks_per_node: 3\ncpus: 4\ngpus_per_task: 1",
        behaviour="while :; do sleep 0.05; done",
    )  # fmt: skip
    srun = tmp_path / "bin" / "srun"
    srun.write_text(
        '#!/bin/bash\nprintf "%s\\0" "$@" > "$NOTES/srun"\n'
        'while [[ $1 == --* ]]; do shift; done\nexec "$@"\n'
    )
    srun.chmod(0o755)
    code, output = job.run(signal.SIGUSR2)
    assert (code, job.noted("scontrol")) == (85, ["requeue", "77"]), output
    for line in ("--nodes=2", "--ntasks-per-node=3", "--cpus-per-task=4", "--gpus-per-task=1"):
        assert f"#SBATCH {line}\n" in job.text
    assert "--ntasks=" not in job.text
    given = job.noted("srun") or []
    assert given[:2] == ["--cpus-per-task=4", "--wait=30"] and given[2].endswith("bin/python")
    alone = Job(tmp_path, tmp_path / "alone")
    assert "launcher=()\n" in alone.text and "#SBATCH --ntasks=1\n" in alone.text


@pytest.mark.parametrize("code", [0, 2, 3, 4])
def test_other_exit_codes_are_the_job_s_and_not_requeued(tmp_path: Path, code: int) -> None:
    job = Job(tmp_path, tmp_path / "run", behaviour=f"exit {code}")
    assert job.run()[0] == code
    assert job.noted("scontrol") is None


def test_the_signal_reaches_the_run_and_the_job_is_requeued_and_then_resumes(
    tmp_path: Path,
) -> None:
    job = Job(tmp_path, tmp_path / "run", behaviour="while :; do sleep 0.05; done")
    code, output = job.run(signal.SIGUSR2)
    assert (code, job.noted("scontrol")) == (85, ["requeue", "77"]), output
    assert "got USR2" in output and "stopped with step-000000040.h5: back into the queue" in output
    (job.notes / "behaviour").write_text("exit 0")
    assert job.run()[0] == 0
    assert job.noted("arguments")[3:5] == ["resume", str(tmp_path / "run")]  # type: ignore[index]


def test_a_job_changes_the_keys_of_a_run_that_has_begun(tmp_path: Path) -> None:
    folder = tmp_path / "a run"
    job = Job(tmp_path, folder)
    settings = ["time.a_end=20.0", "output.snapshots=[0.7, 1.2]", 'output."$HOME; *"=1']
    (folder / "job" / "settings.txt").write_text("".join(f"{text}\n" for text in settings))
    expected = ["resume", str(folder), *(w for text in settings for w in ("--set", text))]
    assert job.run()[0] == 0
    assert (job.noted("arguments") or [])[3] == "run"  # it has not begun: nothing to change
    assert job.run()[0] == 0
    assert (job.noted("arguments") or [])[3 : 3 + len(expected)] == expected


def test_of_an_array_the_task_alone_is_requeued(tmp_path: Path) -> None:
    job = Job(tmp_path, tmp_path / "run", behaviour="while :; do sleep 0.05; done")
    job.environment |= {"SLURM_ARRAY_JOB_ID": "77", "SLURM_ARRAY_TASK_ID": "0"}
    assert job.run(signal.SIGUSR2)[0] == 85
    assert job.noted("scontrol") == ["requeue", "77_0"]


def test_a_cancelled_job_is_not_requeued(tmp_path: Path) -> None:
    job = Job(tmp_path, tmp_path / "run", behaviour="while :; do sleep 0.05; done")
    code, output = job.run(signal.SIGTERM)
    assert (code, job.noted("scontrol")) == (85, None)
    assert "got TERM" in output and "stopped by SIGTERM: not put back into the queue" in output


def test_a_job_that_gets_nowhere_is_not_requeued_for_ever(tmp_path: Path) -> None:
    job = Job(
        tmp_path,
        tmp_path / "run",
        behaviour='touch "$folder/checkpoints/step-000000008.h5"; exit 85',
    )
    assert job.run()[0] == 85 and job.noted("scontrol") == ["requeue", "77"]
    code, output = job.run()
    assert (code, job.noted("scontrol")) == (85, None)
    assert "no new checkpoint since the job started (step-000000008.h5)" in output


def test_an_exit_code_that_comes_with_the_signal_is_not_lost(tmp_path: Path) -> None:
    """The signal interrupts `wait` with a code of its own, which must not stand for the run's."""
    job = Job(tmp_path, tmp_path / "run", behaviour="sleep 0.3; exit 3", traps="trap '' USR2")
    for _ in range(3):
        assert job.run(signal.SIGUSR2)[0] == 3


def test_a_module_that_is_missing_stops_the_job(tmp_path: Path) -> None:
    job = Job(tmp_path, tmp_path / "run", "modules: [gcc/99]")
    job.environment["BASH_FUNC_module%%"] = "() {  return 1\n}"
    assert job.run()[0] == 4
    assert job.noted("arguments") is None

"""Configurations by name: those that an installed darklat carries, without a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from darklat import cli
from darklat.errors import InputError
from darklat.schema import analysis_file, figure, load, packaged, relic
from darklat.schema import profile as profiles
from darklat.schema.packaged import ANALYSES, FIGURES, PROFILES, RELICS, RUNS

ROOT = Path(__file__).parents[2] / "configs"
KINDS = (RUNS, FIGURES, RELICS, PROFILES, ANALYSES)
SMALL = ["--backend", "cpu", "--set", "lattice.sites=8", "--set", "time.a_end=0.55"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_the_package_has_the_files_of_the_folder_configs(kind: str) -> None:
    assert packaged.names(kind) == sorted(path.stem for path in (ROOT / kind).glob("*.yaml"))
    for name in packaged.names(kind):
        assert packaged.text(name) == (ROOT / kind / f"{name}.yaml").read_text("utf-8")


def test_every_packaged_configuration_is_valid_and_has_a_title() -> None:
    for name in packaged.names(RUNS):
        assert load(packaged.resolve(Path(name), RUNS)).name
    for name in packaged.names(FIGURES):
        assert figure.load(packaged.resolve(Path(name), FIGURES))
    for name in packaged.names(RELICS):
        assert relic.load(packaged.resolve(Path(name), RELICS))
    for name in packaged.names(PROFILES):
        assert profiles.load(packaged.resolve(Path(name), PROFILES)).time
    for name in packaged.names(ANALYSES):
        assert analysis_file.load(packaged.resolve(Path(name), ANALYSES))
    for name in [name for kind in KINDS for name in packaged.names(kind)]:
        first = packaged.text(name).partition("\n")[0]
        assert first.startswith("# ") and first.endswith("."), f"{name}: not a whole sentence"


def test_config_prints_the_reference_a_name_and_the_list(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["config", "reference"]) == 0
    assert capsys.readouterr().out == (ROOT / "reference.yaml").read_text("utf-8")
    assert cli.main(["config", "dark_qed_fig16"]) == 0
    assert capsys.readouterr().out == (ROOT / "figures" / "dark_qed_fig16.yaml").read_text("utf-8")
    assert cli.main(["config", "list"]) == 0
    lines = capsys.readouterr().out.split("\n")
    (line,) = (line for line in lines if line.startswith("  first_light "))
    assert line.split(maxsplit=1)[1].startswith("First light: an ALP feeds a dark photon")
    shown = [line.split()[0] for line in lines if line.startswith("  ")]
    assert shown == [name for kind in KINDS for name in packaged.names(kind)]
    assert cli.main(["config", "refernce"]) == 2
    said = capsys.readouterr().err
    assert "refernce: no file, and no packaged configuration of that name" in said
    assert "did you mean reference?" in said and "slurm_gpu" in said


@pytest.mark.usefixtures("without_pictures")
def test_a_run_by_name_writes_to_runs_in_the_current_folder(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["validate", "first_light", "--backend", "cpu"]) == 0
    assert "first_light.yaml: valid" in capsys.readouterr().out
    assert not list(elsewhere.iterdir())
    assert cli.main(["run", "first_light", *SMALL]) == 0
    assert [path.name for path in elsewhere.iterdir()] == ["runs"]
    assert (elsewhere / "runs" / "first_light" / "summary.json").is_file()


def test_a_figure_by_name_writes_to_runs_in_the_current_folder(elsewhere: Path) -> None:
    assert cli.main(["figure", "dark_qed_fig13"]) == 0
    assert (elsewhere / "runs" / "dark_qed_fig13" / "figure_13.pdf").is_file()


def test_submit_takes_a_name(capsys: pytest.CaptureFixture[str], elsewhere: Path) -> None:
    (elsewhere / "p.yaml").write_text("time: 60\n")
    assert cli.main(["submit", "first_light", "--profile", "p.yaml", "--dry-run"]) == 0
    assert f"{elsewhere}/runs/first_light" in capsys.readouterr().out


def test_submit_takes_the_name_of_a_profile(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["submit", "first_light", "--profile", "slurm_cpu", "--dry-run"]) == 0
    assert "#SBATCH" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "dark_qed_fig13"], "dark_qed_fig13 is a figure, and not a run: `darklat figure "),
        (["figure", "first_light"], "first_light is a run, and not a figure: `darklat run first_l"),
        (["validate", "slurm_cpu"], "a profile of a cluster, and not a run: `darklat submit CONF"),
        (["submit", "first_light", "--profile", "first_light"], "a run, and not a profile of a c"),
        (["analyze", ".", "--with", "first_light"], "first_light is a run, and not an analysis of"),
    ],
)
def test_a_name_of_another_kind_is_refused_with_its_command(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], elsewhere: Path
) -> None:
    assert cli.main(words) == 2
    assert said in capsys.readouterr().err and not list(elsewhere.iterdir())


def test_a_file_of_the_same_name_wins_and_a_folder_does_not(elsewhere: Path) -> None:
    name = Path("first_light")
    name.mkdir()
    assert packaged.resolve(name, RUNS).parent != Path()
    name.rmdir()
    name.write_text("name: mine\n")
    assert packaged.resolve(name, RUNS) == name


@pytest.mark.parametrize("command", ["run", "validate", "figure"])
def test_an_unknown_name_is_refused_with_the_names(
    command: str, capsys: pytest.CaptureFixture[str], elsewhere: Path
) -> None:
    wrong, right = ("dark_qed_fg16", FIGURES) if command == "figure" else ("first_ligt", RUNS)
    assert cli.main([command, wrong]) == 2
    said = capsys.readouterr().err
    for name in packaged.names(right):
        assert name in said
    assert "did you mean " in said and not list(elsewhere.iterdir())


@pytest.mark.parametrize("path", ["no.yaml", "a/first_light", "./sub/x", "x\n"])
def test_what_is_a_path_is_left_to_the_reader(path: str) -> None:
    assert packaged.resolve(Path(path), RUNS) == Path(path)


def test_a_file_of_configs_is_found_in_the_folder_of_its_kind(elsewhere: Path) -> None:
    below = elsewhere / "configs" / "figures" / "mine.yaml"
    below.parent.mkdir(parents=True)
    below.touch()
    short = Path("configs/mine.yaml")
    assert packaged.resolve(short, FIGURES) == Path("configs/figures/mine.yaml")
    assert packaged.resolve(ROOT / "dark_qed_fig13.yaml", FIGURES).parent == ROOT / "figures"
    for kind in (RUNS, PROFILES):  # of another kind: the reader says that there is no such file
        assert packaged.resolve(short, kind) == short
    short.touch()
    assert packaged.resolve(short, FIGURES) == short


def test_a_name_never_leaves_the_package() -> None:
    for name in ("../darklat/cli", "figures/dark_qed_fig16", "", "list"):
        with pytest.raises(InputError):
            packaged.text(name)


def test_files_that_are_named_beside_a_packaged_configuration_lie_in_the_current_folder(
    elsewhere: Path,
) -> None:
    """No packaged configuration names a file: only `--set` does, and its user is elsewhere."""
    tau = [0.1 * 1.3**i for i in range(20)]
    (elsewhere / "expansion.txt").write_text("".join(f"{t} {t}\n" for t in tau))
    path = packaged.resolve(Path("first_light"), RUNS)
    found = load(path, ["background={kind: table, file: expansion.txt}"])
    assert found.background.file == elsewhere / "expansion.txt"
    (elsewhere / "configs").mkdir()
    own = elsewhere / "configs/own.yaml"
    own.write_text(packaged.text("first_light"))
    (elsewhere / "configs/expansion.txt").write_text("".join(f"{t} {t}\n" for t in tau))
    found = load(own, ["background={kind: table, file: expansion.txt}"])
    assert found.background.file == elsewhere / "configs/expansion.txt"

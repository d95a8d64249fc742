"""The study of other faces or more faces: its plan, on drawn faces and with EiLA, and its mixtures at a small size."""

from pathlib import Path

import pytest

from fer.data.mixing import integrate
from fer.preprocessing.pipeline import preprocess
from fer.study.matrix import cells
from fer.study.reading import read_study, recipes
from fer.study.server_form import cell_parameters
from fer.training.updates import held_steps

STUDY = Path(__file__).parents[3] / "studies" / "diversity.yaml"
SMALL = {"validation": 21, "test": 21, "size": 24}
TRAINING = {"majority": 240, "others": 120}


def test_all_arms_are_run_with_five_seeds_and_nothing_but_the_faces_differs():
    made = cells(read_study(STUDY))
    by_arm = {(cell.training.mixture.arm, cell.training.mixture.is_base_alone) for cell in made}
    assert by_arm == {("add", True), ("add", False), ("swap", False), ("same", False)}
    assert len(made) == 4 * 5 and {cell.seed for cell in made} == {0, 1, 2, 3, 4}
    given = [cell_parameters(cell) for cell in made]
    assert {name for name in given[0] if len({one[name] for one in given}) > 1} == {"arm", "fraction", "seed"}
    assert {"kept_aside": "0.5", "validation_from": "base", "steps_per_epoch": "base"}.items() <= given[0].items()


def test_with_the_raw_data_it_is_the_study_of_eila():
    study = read_study(STUDY, {"epochs": "2"}, with_data=True)
    assert (study.name, set(study.datasets)) == ("diversity_eila", {"eila", "fer2013"})
    assert (study.training.backbone, study.training.epochs, study.training.steps_per_epoch) == (
        "resnet50v2",
        "2",
        "base",
    )
    assert recipes(study, Path("/data"))["eila"].raw == Path("/data/eila")
    assert [cell.experiment for cell in cells(study)][:4] == [
        "FER2013 only", "FER2013 + 50% EiLA", "FER2013 ~ 50% EiLA", "FER2013 + own faces, as many as 50% EiLA",
    ]  # fmt: skip


def test_published_class_counts_of_eila_and_fer2013_suffice():
    mixture = read_study(STUDY, with_data=True).mixtures[0]
    fer2013, eila = (3995, 436, 4097, 7215, 4965, 4830, 3171), (944, 96, 76, 1053, 2516, 122, 45)
    kept, share = float(mixture.kept_aside), float(mixture.fractions[-1])
    assert all(count * kept > share * added for count, added in zip(fer2013, eila, strict=True))
    assert all(count * (1 - kept) > share * added for count, added in zip(fer2013, eila, strict=True))


def test_its_mixtures_can_be_made(tmp_path):
    study = read_study(STUDY)
    small = {
        name: entry.model_copy(
            update={"options": {**entry.options, **SMALL, "train": TRAINING.get(name, 0)}, "size": 24}
        )
        for name, entry in study.datasets.items()
    }
    made = recipes(study.model_copy(update={"datasets": small}), None)
    datasets = {name: preprocess(recipe, tmp_path / name).dataset for name, recipe in made.items()}
    steps, persons = set(), []
    for cell in cells(study)[:4]:
        asked = cell.training.mixture
        mixed = integrate(
            datasets[asked.base], datasets[asked.addition], asked.fraction, cell.seed, asked.arm, asked.kept_aside,
            asked.validation_from,
        )  # fmt: skip
        steps.add(held_steps("base", mixed, 8))
        training = mixed.samples[mixed.samples["split"] == "train"]
        persons.append(set(training.loc[training["source"] == "majority", "person"]))
        assert set(mixed.samples.loc[mixed.samples["split"] == "validation", "source"]) == {"majority"}
    assert len(steps) == 1
    alone, add, swap, same = persons
    assert alone == add >= swap and alone < same


@pytest.mark.parametrize(("changes", "says"), [({"nme": "x"}, "nme"), ({"mixtures": []}, "mixtures")])
def test_a_mistake_in_what_replaces_entries_is_named_with_its_line(write, plain, changes, says, refused):
    path = write(plain | {"with_data": changes})
    assert read_study(path).name == "small"
    line = 1 + next(at for at, text in enumerate(path.read_text().splitlines()) if text.startswith(f"  {says}"))
    with refused(f"line {line}", says):
        read_study(path, with_data=True)

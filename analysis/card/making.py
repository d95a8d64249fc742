"""A model card as a report: the sections that Mitchell et al. 2019 name, filled from the model's runs."""

from collections.abc import Sequence

import pandas as pd

from analysis.card.evidence import CardEvidence, Evaluated, gather
from analysis.card.words import CAVEATS, DRAWN, ETHICS, INTENDED, NOT_INTENDED
from analysis.experiments.runs_by_experiment import PERCENT
from analysis.report.build import with_file_names
from analysis.report.document_model import Conclusions, Picture, Report, Section, Table
from analysis.tables.disparities import disparities_in_points
from fer.data.attributes import Attribute, groupable, parse_attributes
from fer.data.dataset import FaceDataset
from fer.data.samples import count_table
from fer.evaluation.sentences import confidence_interval, largest_gap
from fer.sentinels import AUTO
from fer.tracking import names
from fer.tracking.registry import carded_model

# Parameters of the training run that describe the model; a resolved value comes before the given one.
_DETAILS = ("backbone", "head", "weights", "protocol", "members", "weighting", "epochs", "learning_rate", "dropout",
            "batch_size", "optimizer", "loss", "augmentation", "mixup", "weight_averaging", "targets", "method",
            "groups", "method_settings", "class_weights", "sampling", "precision", "input_size", "seed")  # fmt: skip
# By metric, its column and the scale of its unit.
_SHOWN = {
    "accuracy": ("accuracy_percent", PERCENT), "f1_weighted": ("f1_weighted", 1.0), "loss": ("loss", 1.0),
    "calibration_error": ("calibration_error_points", PERCENT),
}  # fmt: skip


def model_card(model: str, attributes: Sequence[Attribute | str] | None = None, use: str | None = None) -> Report:
    """Return the card of a registered model.

    Args:
        model: ``models:/<name>/<version>`` or ``models:/<name>@<alias>``; or, for a model that is known by a table of
            its predictions alone, the id of the run that evaluated it.
        attributes: whose groups are shown; products such as ``race*gender`` too. Computed from the predictions that
            the model's evaluations keep, so attributes by which it was not evaluated are possible too. None: those of
            each evaluation.
        use: the user's own sentences on what the model is for; they come before the general ones.

    Raises InputError if the registry has no such model. Other missing evidence is named in ``lacking``.

    """
    return card_of(gather(carded_model(model), None if attributes is None else parse_attributes(attributes)), use)


def card_of(evidence: CardEvidence, use: str | None = None) -> Report:
    """Return the card made from this evidence."""
    model = evidence.model
    sections = [
        Section("Model details", blocks=[Table("details", "What it is", _details(evidence))]),
        Section("Intended use", [*([use] if use else []), *INTENDED, *NOT_INTENDED]),
    ]
    if evidence.trained_on:
        tables: list[Table | Picture] = [
            table for dataset in evidence.trained_on for table in _training_tables(dataset, evidence)
        ]
        sections.append(Section("Training data", blocks=tables))
    sections += [_evaluation(one) for one in evidence.evaluated]
    sections += [
        Section("Ethical considerations", _ethics(evidence)),
        Section("Caveats and recommendations", list(CAVEATS)),
    ]
    return Report(
        f"Model card: {model.name}" + (f", version {model.version}" if model.version else ""),
        f"Generated from run {model.run.info.run_id} and the evaluations of this version on the tracking server."
        if model.version
        else f"Generated from run {model.run.info.run_id}, which evaluated a table of the model's predictions.",
        Conclusions(
            _verdict(evidence), _found(evidence), [warning for one in evidence.evaluated for warning in one.warnings]
        ),
        with_file_names(sections),
        evidence.lacking,
    )


def _ethics(evidence: CardEvidence) -> list[str]:
    """Return what is to be known of the faces, labels and groups; of drawn ones, that they are drawn."""
    drawn = [dataset.drawn for dataset in evidence.trained_on] + [one.drawn for one in evidence.evaluated]
    return list(DRAWN if drawn and all(drawn) else ETHICS)


def _verdict(evidence: CardEvidence) -> str:
    kind = evidence.model.run.data.params.get("backbone", "An ensemble").strip("'")
    if not evidence.model.version:
        kind = f"A model known by its predictions ({evidence.model.name}),"
    trained = ", ".join(dataset.name for dataset in evidence.trained_on) or "data that could not be read"
    trained = trained if evidence.model.version else "data that are not known"
    tested = ", ".join(dict.fromkeys(one.title for one in evidence.evaluated)) or "nothing that could be read"
    return f"{kind} trained on {trained}; evaluated on {tested}. For research, not for decisions about persons."


def _found(evidence: CardEvidence) -> list[str]:
    """Return per evaluation: accuracy overall and of the best and worst group, and the significance of the gap."""
    sentences = []
    for one in evidence.evaluated:
        accuracy = one.known.of("accuracy")
        whole, groups = accuracy.loc["all"], accuracy.drop("all").dropna(subset="estimate")
        worst, best = groups["estimate"].idxmin(), groups["estimate"].idxmax()
        sentences.append(
            f"On {one.title}: accuracy {_percent(whole)}; by {one.known.attribute} from "
            f"{_percent(groups.loc[worst], f' on {worst}')} to {_percent(groups.loc[best], f' on {best}')}. "
            f"{largest_gap(one.known)}"
        )
    return sentences


def _percent(row: pd.Series, where: str = "") -> str:
    value, low, high = (row[name] * PERCENT for name in ("estimate", "low", "high"))
    return f"{value:.1f} %{where} ({confidence_interval(low, high)})"


def _details(evidence: CardEvidence) -> pd.DataFrame:
    run = evidence.model.run
    given = {**run.data.params, **{
        name.removeprefix(names.RESOLVED): value
        for name, value in run.data.params.items()
        if name.startswith(names.RESOLVED)
    }}  # fmt: skip
    rows = {
        **({"version": evidence.model.version} if evidence.model.version else {}),
        "made": pd.Timestamp(run.info.end_time or run.info.start_time, unit="ms", tz="UTC").strftime("%Y-%m-%d"),
        "run": run.info.run_id,
        **{name: given[name] for name in _DETAILS if given.get(name, AUTO) != AUTO},
    }
    if names.EPOCHS in run.data.metrics:
        rows["epochs trained"] = f"{run.data.metrics[names.EPOCHS]:.0f}"
    if names.PARAMETERS in run.data.metrics:
        rows["parameters"] = f"{run.data.metrics[names.PARAMETERS]:,.0f}"
    rows |= {
        name.removeprefix(names.OURS): value
        for name, value in sorted(run.data.tags.items())
        if name.startswith((names.VERSION, names.GIT))
    }
    return pd.DataFrame({"what": list(rows), "value": [str(value) for value in rows.values()]})


def _training_tables(dataset: FaceDataset, evidence: CardEvidence) -> list[Table]:
    whole = count_table(dataset.samples, emotions=dataset.emotions).reset_index()
    note = f"Digest {dataset.digest[:12]}."
    tables = [Table(f"training_{dataset.name}", f"{dataset.name}: faces by split and emotion", whole, note)]
    trained = dataset.samples[dataset.samples["split"] == "train"]
    asked = {name for one in evidence.evaluated for name in one.known.attribute.columns}
    for column in groupable(trained):
        if column in asked:
            counts = count_table(trained, column, dataset.emotions).reset_index()
            tables.append(
                Table(f"training_{dataset.name}_{column}", f"{dataset.name}: training faces by {column}", counts)
            )
    return tables


def _evaluation(one: Evaluated) -> Section:
    slug = f"{one.title}_{one.known.attribute.slug}".replace(", ", "_")
    groups = one.known.counts.copy()
    known = set(one.known.intervals.index.get_level_values(1))
    for metric, (name, scale) in _SHOWN.items():
        if metric not in known:  # It needs probabilities.
            continue
        rows = one.known.of(metric).reindex(groups.index)
        groups[name] = rows["estimate"] * scale
        groups[f"{name}_low"], groups[f"{name}_high"] = rows["low"] * scale, rows["high"] * scale
    groups["effective_faces"] = one.known.effective["effective"].reindex(groups.index)
    differences = one.known.differences.reset_index()
    shares = ["estimate", "low", "high", "minimum_detectable_difference"]
    differences[shares] *= PERCENT
    differences = differences.rename(
        columns={
            "estimate": "difference_points",
            "low": "difference_points_low",
            "high": "difference_points_high",
            "minimum_detectable_difference": "minimum_detectable_difference_points",
        }
    )
    drop = ["standard_error", "degrees_of_freedom"]
    disparities = disparities_in_points(one.known.disparity)
    return Section(
        f"Evaluation on {one.title}, by {one.known.attribute}",
        blocks=[
            Table(f"{slug}_groups", "Metrics by group", groups.reset_index(), (
                f"Accuracy in %, calibration error in points. In brackets 95 % intervals over {one.clusters.name}; "
                f"n/e: cannot be estimated. Run {one.run_id}."
            )),
            Table(f"{slug}_differences", "Accuracy of a group minus that of another, in points",
                  differences.drop(columns=drop),
                  "Minimum detectable difference: detected by such a test with 80 % power at the 5 % level."),
            Table(f"{slug}_spread", "Disparities between groups", disparities.reset_index().drop(columns="test"), (
                "In percentage points except the ratio. Never negative, so noise alone makes them positive: beside "
                "each its expectation under no difference, the corrected estimate, a one-sided 95 % bound, and a "
                "p-value of no difference."
            )),
        ],
    )  # fmt: skip

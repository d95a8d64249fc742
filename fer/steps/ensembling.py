"""The step that combines several logged models, which may be trained on different datasets, into one."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fer.errors import InputError, refuse_repeated
from fer.evaluation.metrics import overall
from fer.evaluation.predictions import predict
from fer.evaluation.sentences import counted
from fer.record import DatasetInput, Record
from fer.text.escaping import markdown_table
from fer.tracking import names
from fer.tracking.addresses import model_uri
from fer.tracking.datasets import open_dataset
from fer.tracking.models import common_crop_margin, load_logged, log_model, predictor
from fer.tracking.registry import check_registered_name
from fer.tracking.run_contents import log_record

if TYPE_CHECKING:
    import keras

_SPLIT = "validation"


def ensemble_step(members: Sequence[str], address: str, weighting: str, register_as: str | None = None) -> str:
    """Combine logged models (run ids, ``runs:/`` or ``models:/``) and log the result like a trained model.

    Weights are equal (``average``), or those with the lowest cross-entropy on the validation split of the dataset at
    ``address`` (``validation``); no other split is read. Metrics are each member's weight, and accuracy and loss of the
    members and the ensemble on that split. Returns the model's address. Raises InputError for fewer than two members,
    for one that is given twice, for members with different emotions or face shapes, and for a dataset whose faces they
    cannot take.
    """
    from fer.models.ensemble import best_weights, build_ensemble, check_weighting

    check_weighting(weighting)
    check_registered_name(register_as)
    if len(members) < 2:
        raise InputError(
            f"an ensemble of {len(members)} is not an ensemble; name at least two members, joined by commas."
        )
    refuse_repeated(list(map(model_uri, members)), "members")
    loaded = [load_logged(member) for member in members]
    _refuse_one_model_twice(members, [model for model, _ in loaded])
    for (one, first, emotions), (other, second, others) in pairwise(zip(members, *_columns(loaded), strict=True)):
        if emotions != others:
            raise InputError(
                f"{one} predicts {', '.join(emotions)}, {other} {', '.join(others)}; members need the same emotions."
            )
        if first.input_shape != second.input_shape:
            raise InputError(
                f"{one} takes faces of {first.input_shape[1:]} and {other} of {second.input_shape[1:]} (height, width, "
                "channels); members need the same."
            )
    emotions = loaded[0][1]
    seen = open_dataset(address).split(_SPLIT)
    tables = [predict(predictor(model, name), seen, emotions) for name, (model, _) in zip(members, loaded, strict=True)]
    probabilities = np.stack([table[[f"p_{emotion}" for emotion in emotions]].to_numpy() for table in tables])
    weights = np.full(len(members), 1 / len(members))
    if weighting == _SPLIT:
        weights = best_weights(probabilities, seen.codes(emotions))
    model = build_ensemble([model for model, _ in loaded], weights)
    combined = predict(predictor(model, "ensemble"), seen, emotions)
    seen.check_unchanged()
    found = ensemble_record(members, weights, tables, combined) | Record(
        metrics={names.PARAMETERS: model.count_params()}, inputs=[DatasetInput(seen, address, _SPLIT)]
    )
    log_record(found | Record(tags={names.FAMILY: "ensemble"}))
    uri = log_model(model, emotions, seen.faces(slice(0, 2)), register_as, common_crop_margin(members))
    log_record(Record(tags={names.MODEL: uri}))
    return uri


def ensemble_record(
    members: Sequence[str], weights: np.ndarray, tables: Sequence[pd.DataFrame], combined: pd.DataFrame
) -> Record:
    """Return each member's weight and metrics, and the ensemble's metrics, on the same n validation faces.

    ``weights`` is ``(m,)``; ``tables`` are the m members' prediction tables, ``combined`` is the ensemble's.
    """
    together = overall(combined)
    rows = [
        {"member": name, "weight": weight, **overall(table)[["accuracy", "loss", "f1_weighted"]]}
        for name, weight, table in zip(members, weights, tables, strict=True)
    ]
    lead = (
        f"**Validation accuracy {together['accuracy']:.1%}** (loss {together['loss']:.3f}) of {len(rows)} models "
        f"together, on {counted(len(combined), 'face')}."
    )
    shown = [[str(row["member"]), f"{row['weight']:.3f}", f"{row['accuracy']:.1%}"] for row in rows]
    metrics = {f"ensemble/weight/{number}": weight for number, weight in enumerate(weights)}
    metrics |= {f"ensemble/accuracy/{number}": row["accuracy"] for number, row in enumerate(rows)}
    metrics |= {
        names.BEST_VALIDATION_ACCURACY: together["accuracy"],
        names.BEST_VALIDATION_LOSS: together["loss"],
    }
    return Record(
        metrics=metrics,
        tables={"members.csv": pd.DataFrame(rows)},
        description=f"{lead}\n\n{markdown_table(['member', 'weight', 'accuracy'], shown, [False, True, True])}",
    )


def _refuse_one_model_twice(members: Sequence[str], models: "Sequence[keras.Model]") -> None:
    """Raise InputError for two addresses of one model, which would count twice."""
    weights = [model.get_weights() for model in models]
    for one, other in combinations(range(len(members)), 2):
        if len(weights[one]) == len(weights[other]) and all(map(np.array_equal, weights[one], weights[other])):
            raise InputError(f"{members[one]} and {members[other]} are one model; name each member once.")


def _columns(loaded: Sequence[tuple]) -> tuple[list, list]:
    return [model for model, _ in loaded], [emotions for _, emotions in loaded]

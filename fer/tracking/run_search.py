"""Search the server for runs, and check with few, cheap queries whether a known set of runs is still up to date.

MLflow does not store when a run last changed. It can report which matching runs are not in the known set, and whether
as many match as are known: if no others match and the number agrees, the set is unchanged. Both queries take about
50 ms per thousand known runs, whereas downloading a thousand runs takes seconds.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence

import mlflow
from mlflow.entities import Experiment, Run, ViewType
from mlflow.utils.search_utils import SearchUtils

from fer.errors import InputError

RUNS_A_PAGE = 1000
# MLflow's filter parser refuses more than 10,000 tokens; an id takes two.
_IDS_A_QUERY = 2500
_MOST_IDS = 4000
_IDS_IN_DOUBT = 250


def find_experiments(wanted: Sequence[str]) -> list[Experiment]:
    """Return the experiments of these names.

    Raises InputError, listing the existing ones, if one does not exist.
    """
    found: dict[str, Experiment] = {}
    for name in wanted:
        experiment = mlflow.get_experiment_by_name(name)
        if experiment is None:
            known = ", ".join(sorted(known.name for known in mlflow.search_experiments(max_results=20)))
            raise InputError(f"there is no experiment {name!r} on {mlflow.get_tracking_uri()} (it has: {known}).")
        found[name] = experiment
    return list(found.values())


def search_runs(experiment_ids: Sequence[str], filter_string: str = "", limit: int | None = None) -> list[Run]:
    """Return all matching runs, newest first, page by page."""
    client = mlflow.MlflowClient()
    found: list[Run] = []
    token = None
    while True:
        page = client.search_runs(
            list(experiment_ids),
            filter_string,
            ViewType.ACTIVE_ONLY,
            RUNS_A_PAGE,
            ["attributes.start_time DESC"],
            token,
        )
        found += page
        token = page.token
        if not token or (limit is not None and len(found) >= limit):
            return found[:limit]


def quoted(value: str) -> str:
    """Return a value as the server's filters take it: in quotes that it does not hold.

    Raises InputError for a value that holds quotes of both kinds, which no filter can name.

    Example:
        >>> print(quoted("race"), quoted("models:/o'neil/1"))
        'race' "models:/o'neil/1"

    """
    for quote in "'\"":
        if quote not in value:
            return f"{quote}{value}{quote}"
    raise InputError(f"{value!r} holds both kinds of quotes, which the server cannot search for; use another name.")


def condition(tags: Mapping[str, str | None], status: str = "", other_than: str = "") -> str:
    """Return the filter for runs with these tags, with a status, or with any status but ``other_than``.

    None is for runs that do not have the tag.

    Example:
        >>> condition({"fer.stage": "cell", "fer.study": None}, "FINISHED")
        "tags.`fer.stage` = 'cell' and tags.`fer.study` IS NULL and attributes.status = 'FINISHED'"

    """
    parts = [f"tags.`{name}` " + ("IS NULL" if value is None else f"= {quoted(value)}") for name, value in tags.items()]
    parts += [f"attributes.status = {quoted(status)}"] if status else []
    parts += [f"attributes.status != {quoted(other_than)}"] if other_than else []
    return " and ".join(parts)


def ended_after(experiment: str, where: str, moment: int) -> list[Run]:
    """Return the matching runs of an experiment (by id) that ended after ``moment``, in ms since 1970."""
    return search_runs([experiment], _all(where, f"attributes.end_time > {moment}"))


def matching_runs(experiment: str, where: str, run_ids: Collection[str]) -> list[Run]:
    """Return the runs in ``run_ids``, at most a thousand, that match."""
    return search_runs([experiment], _all(where, _one_of(run_ids))) if run_ids else []


def unknown_runs(experiment: str, where: str, known: Mapping[str, int]) -> list[Run]:
    """Return the matching runs that are not in ``known`` (start time in ms since 1970 by run id)."""
    found = []
    for span, run_ids in _spans(known, _IDS_A_QUERY):
        found += search_runs([experiment], _all(where, span, _one_of(run_ids, "NOT IN")))
    return found


def still_matching(experiment: str, where: str, known: Mapping[str, int]) -> list[str]:
    """Return the ids of the known runs that still match; call it after :func:`unknown_runs` has found no others.

    Runs are checked in groups of about 250 with consecutive start times; if one of a group no longer matches (deleted,
    running again, another tag), none of that group is returned.
    """
    if _reaches(experiment, where, len(known)):
        return list(known)
    spans = [run_ids for _, run_ids in _spans(known, _IDS_IN_DOUBT)]
    return [run for ids in spans if _reaches(experiment, _all(where, _one_of(ids)), len(ids)) for run in ids]


def _spans(known: Mapping[str, int], size: int) -> Iterator[tuple[str, list[str]]]:
    """Split time into spans of about ``size`` known runs; yield the condition and the known runs of each span.

    If very many runs started in the same millisecond, some are left out and are fetched again.
    """
    cuts = sorted(set(sorted(known.values())[size::size]))
    spans: list[list[str]] = [[] for _ in range(len(cuts) + 1)]
    for run, start in known.items():
        spans[bisect_right(cuts, start)].append(run)
    for number, run_ids in enumerate(spans):
        after = f"attributes.start_time >= {cuts[number - 1]}" if number else ""
        before = f"attributes.start_time < {cuts[number]}" if number < len(cuts) else ""
        yield _all(after, before), run_ids[:_MOST_IDS]


def _reaches(experiment: str, where: str, number: int) -> bool:
    """Return whether at least ``number`` runs match; as MLflow's page tokens are offsets, the last can be requested."""
    if number == 0:
        return True
    # MLflow does not accept an offset of 0 as a token.
    token = SearchUtils.create_page_token(number - 1) if number > 1 else None
    return bool(mlflow.MlflowClient().search_runs([experiment], where, max_results=1, page_token=token))


def _one_of(run_ids: Collection[str], which: str = "IN") -> str:
    listed = ",".join(map(quoted, run_ids))
    return f"attributes.run_id {which} ({listed})" if listed else ""


def _all(*conditions: str) -> str:
    return " and ".join(condition for condition in conditions if condition)

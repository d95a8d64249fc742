"""plan: earlier runs, or stated values -> clips, persons, frames and seeds that a study needs, printed and logged."""

from typing import Any

import click

from entrypoints.command import EntryPoint
from entrypoints.ending import Next, finish, say_file
from entrypoints.option_types import counts, listed, optional, optional_number, optional_real
from fer.progress import announce
from fer.sentinels import AUTO


@click.command(name="plan", cls=EntryPoint)
@click.option("--run", default="none", type=listed, help="Evaluate run or cell to learn from; several: its seeds.")
@click.option("--baseline", default="none", type=listed, help="Run, or seeds, to compare with: plans for a change.")
@click.option("--experiment", default="none", type=optional, help="Learn from all cells of this experiment instead.")
@click.option("--study", default="none", type=optional, help="Only cells of this study.")
@click.option("--question", default="auto", help="groups, change, or auto: a change where a baseline is given.")
@click.option(
    "--attribute", default="auto", help="Group column or intersection, race*gender; auto: that of the evaluations."
)
@click.option("--groups", default="auto", type=listed, help="Groups to plan for, black,white; auto: all.")
@click.option("--difference", default=10.0, help="Difference, or change, to be seen, in percentage points.")
@click.option("--margin", default="none", type=optional_real, help="Show instead that it is less than this, in points.")
@click.option("--power", default=0.8, help="Probability of seeing it.")
@click.option("--level", default=0.05, help="Significance level.")
@click.option("--comparisons", default="auto", type=optional_number, help="Number corrected for; auto: the table's.")
@click.option("--accuracy", default="auto", type=optional_real, help="Mean accuracy in percent; auto: the runs'.")
@click.option("--clip-correlation", default="auto", type=optional_real, help="Of answers within a clip, 0 to 1.")
@click.option("--person-correlation", default="auto", type=optional_real, help="Of answers on a person's clips.")
@click.option(
    "--disagreement", default="auto", type=optional_real, help="Percent of faces that one side alone gets right."
)
@click.option("--seed-deviation", default="auto", type=optional_real, help="Of accuracy over trainings, in points.")
@click.option("--clips", default="none", type=counts, help="Clips of each group now, 8,60, where no run is given.")
@click.option("--frames", default="auto", type=optional_number, help="Frames per clip; auto: as in the runs, or 10.")
@click.option("--clips-per-person", default="auto", type=optional_real, help="Clips per person; auto: the runs', or 1.")
@click.option("--seeds", default="auto", type=optional_number, help="Trainings per side of a change; auto: the runs'.")
@click.option("--cost-frame", default=0.0, help="Price of one more frame; with prices the cheapest design is marked.")
@click.option("--cost-clip", default=0.0, help="Price of one more clip.")
@click.option("--cost-person", default=0.0, help="Price of one more person.")
@click.option("--cluster", default="auto", help="Column in place of clips and persons, or sample.")
def main(
    run: list[str],
    baseline: list[str],
    experiment: str | None,
    study: str | None,
    question: str,
    attribute: str,
    groups: list[str],
    difference: float,
    margin: float | None,
    power: float,
    level: float,
    cost_frame: float,
    cost_clip: float,
    cost_person: float,
    cluster: str,
    **stated: Any,
) -> None:
    """Say how many clips and persons are needed."""
    announce(f"plan: {_title(question, baseline, difference, margin)}")
    from analysis.study_plan import Stated, plan_from_runs
    from analysis.tables.planning import Prices
    from entrypoints.reporting import log_plan
    from fer.tracking.reading import existing_experiment, experiment_of
    from fer.tracking.runs import open_run

    given = click.get_current_context().obj
    where = experiment_of(run[0]) if run else existing_experiment(experiment) if experiment else None
    with open_run("plan", f"plan: {_title(question, baseline, difference, margin)}", given, experiment=where) as opened:
        plan = plan_from_runs(
            run,
            baseline,
            experiment,
            study,
            question=question,
            attribute=None if attribute == AUTO else attribute,
            groups=groups,
            difference=difference,
            margin=margin,
            power=power,
            level=level,
            stated=Stated(**stated),
            prices=Prices(cost_frame, cost_clip, cost_person),
            cluster=cluster,
        )
        log_plan(plan)
    click.echo(plan.text())
    say_file(opened, "plan/detectable.png")
    look = "the plan is in the description under Overview, its figure under Artifacts"
    finish(opened, look, Next("collect these faces, evaluate the model on them, and compare or report again"))


def _title(question: str, baseline: list[str], difference: float, margin: float | None) -> str:
    what = "change" if baseline or question == "change" else "difference"
    return f"a {what} of {difference:g} points" if margin is None else f"a margin of {margin:g} points"


if __name__ == "__main__":
    main()

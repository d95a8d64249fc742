"""train: a dataset's train and validation splits -> a logged model, curves by epoch, history.csv."""

import click

from entrypoints.command import EntryPoint, optional


@click.command(name="train", cls=EntryPoint)
@click.option("--dataset", required=True, help="Dataset or mixture: a folder or runs:/<id>.")
@click.option("--backbone", default="resnet50v2", help="resnet50v2, cnn or another of docs/models.md.")
@click.option("--head", default="auto", help="eila, m1, m2, pooled, ...; auto: the backbone's.")
@click.option("--weights", default="auto", help="imagenet, none or a Keras weights file; auto: the backbone's.")
@click.option("--protocol", default="auto", help="eila, age, scratch, ... or a .yaml file; auto: the backbone's.")
@click.option("--epochs", default="auto", help="One number for all phases, or one a phase: 15,35.")
@click.option("--learning-rate", "learning_rate", default="auto", help="Of the first phase.")
@click.option("--dropout", default="auto", help="Of the head, 0..1.")
@click.option("--batch-size", "batch_size", default="auto", help="Faces a step.")
@click.option("--monitor", default="auto", help="validation/loss or validation/accuracy.")
@click.option("--augmentation", default="auto", help="none, affine, affine_noise, age or assistive.")
@click.option("--input-size", "input_size", default="auto", help="Pixels a side that the backbone sees.")
@click.option("--class-weights", "class_weights", default="auto", help="none or balanced; auto: the protocol's.")
@click.option("--sampling", default="auto", help="shuffled or balanced; auto: the protocol's.")
@click.option("--trunk-cache", "trunk_cache", default="auto", help="auto, float16 or off: see docs/trunk_cache.md.")
@click.option("--seed", default=0, help="Of initialisation, order, augmentation and dropout.")
@click.option("--tuned", default="none", help="Id of a tune run whose best trial fills what is auto.")
@click.option("--register-as", "register_as", default="none", help="Name in the model registry.")
def main(dataset, tuned, register_as, **plan):
    """Train a model."""
    from fer.steps.training import TrainingPlan, train_step, training_key
    from fer.steps.tuning import best_parameters
    from fer.steps.unfinished import unfinished
    from fer.tracking.runs import log_parameters, open_run

    chosen = TrainingPlan(**plan)
    given = click.get_current_context().params
    with (
        unfinished(training_key(dataset, given, chosen)) as kept,
        open_run("train", f"train {chosen.backbone}", given, resumes=kept.run_id),
    ):
        if optional(tuned):
            best = best_parameters(tuned, chosen.backbone)
            log_parameters({f"tuned/{name}": value for name, value in best.items()})
            chosen = chosen.tuned(best)
        click.echo(f"model: {train_step(dataset, chosen, optional(register_as), kept)}")


if __name__ == "__main__":
    main()

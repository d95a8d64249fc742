"""Which of the devices that TensorFlow sees a network is run on."""

from fer.errors import InputError


def visible_gpus() -> int:
    """Return the number of GPUs that TensorFlow finds."""
    import tensorflow as tf

    return len(tf.config.list_physical_devices("GPU"))


def use_gpu(number: int | None) -> None:
    """Let TensorFlow see one GPU alone, by its number from 0, or no GPU (None).

    Raises InputError if it has begun to compute with others.
    """
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    wanted = [] if number is None else [gpus[number]]
    if tf.config.get_visible_devices("GPU") == wanted:
        return
    try:
        tf.config.set_visible_devices(wanted, "GPU")
    except RuntimeError:
        raise InputError("TensorFlow has begun to compute on another device; name the device at the start.") from None

"""placeholder while measured"""
import keras
from keras import layers


def cnn_trunk(shape, weights):
    faces = keras.Input(shape)
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(faces)
    x = layers.BatchNormalization()(x); x = layers.ReLU()(x)
    x = layers.Conv2D(64, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x); x = layers.ReLU()(x)
    return keras.Model(faces, x, name="trunk")

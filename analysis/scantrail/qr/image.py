"""Codes in an image, by ZXing (extra `scantrail[qr]`)."""

import warnings
from pathlib import Path

from scantrail.model import CaptureError

MOST_PIXELS = 50_000_000
MOST_BYTES = 64 << 20


def codes(path: Path) -> list[str]:
    """The payloads of all codes in an image (of an animation, in its first picture), in reading order.

    Raises:
        CaptureError: the extra is missing, the file is no image, is too large, or holds no code.

    """
    try:
        import zxingcpp
        from PIL import Image
    except ImportError as error:
        raise CaptureError(f"reading codes from images needs {error.name}: install scantrail[qr]") from None
    if path.stat().st_size > MOST_BYTES:
        raise CaptureError(f"{path}: larger than {MOST_BYTES >> 20} MB, too large for a picture of a code")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise CaptureError(f"{path}: {image.width} × {image.height} pixels are too many to look at")
                found = zxingcpp.read_barcodes(image.convert("L"))
    except CaptureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise CaptureError(f"{path}: too many pixels to look at") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # Pillow's plug-ins raise any of these
        raise CaptureError(f"{path}: not an image that can be read ({type(error).__name__})") from None
    texts = [code.text for code in found if code.text]
    if not texts:
        raise CaptureError(f"{path}: no code was found in this image")
    return list(dict.fromkeys(texts))

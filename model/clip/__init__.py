"""CLIP towers as hand-shaped ONNX graphs: parameters in, `vision.onnx` and `text.onnx` out."""

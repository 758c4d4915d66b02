"""From a checkout to a running stack: the same steps on AWS and on an emulator."""

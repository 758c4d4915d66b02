"""The stack on one machine: an AWS emulator and a Pinecone-compatible index."""

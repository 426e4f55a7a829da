"""A crystal-graph network: pre-trained on labels made here, fine-tuned on few measured ones."""

"""Saves a word-level tokenizer into a Hugging Face cache folder, so that other tools load one without a network.

Usage: python tokenizer.py HF_HOME. The name to load it by is local/tok.
"""

import json
import os
import sys

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast

REVISION = "0" * 40
SPECIAL = ["[UNK]", "<s>", "</s>"]

repository = os.path.join(sys.argv[1], "hub", "models--local--tok")
snapshot = os.path.join(repository, "snapshots", REVISION)
os.makedirs(snapshot, exist_ok=True)
os.makedirs(os.path.join(repository, "refs"), exist_ok=True)

words = SPECIAL + [f"w{i}" for i in range(2000)]
tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
tokenizer.pre_tokenizer = Whitespace()
PreTrainedTokenizerFast(
    tokenizer_object=tokenizer, unk_token="[UNK]", bos_token="<s>", eos_token="</s>", pad_token="</s>"
).save_pretrained(snapshot)

# Both tools ask the cache for a model's configuration before its tokenizer.
with open(os.path.join(snapshot, "config.json"), "w") as file:
    json.dump({"model_type": "gpt2"}, file)
with open(os.path.join(repository, "refs", "main"), "w") as file:
    file.write(REVISION)

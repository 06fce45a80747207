"""Programs that nobody laid out: which views open by themselves.  Written as people write who learn or teach, each in its own way;
of each the views that must open, and those that must have nothing to show.

usage: test_offers.py GRADBOARD"""
import os
import re
import subprocess
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
EXPECTED = {
    "autoencoder": ("graph gradflow chart", "attn why ab"),
    "autograd_basics": ("graph grid", "gradflow attn chart modtree why"),
    "broadcast_error": ("bcast grid", "gradflow chart attn modtree why"),
    "broadcasting": ("grid bcast", "gradflow chart attn modtree why"),
    "conv_pictures": ("graph gradflow chart imgs", "attn why"),
    "cross_attention_mha": ("attn graph", "gradflow chart why"),
    "gan_step": ("graph gradflow chart", "attn why"),
    "grid_world": ("env grid", "gradflow chart attn why tokens file"),
    "indexing": ("grid", "gradflow chart attn modtree why"),
    "inplace_error": ("graph why", "gradflow attn modtree"),
    "kept_graph": ("graph mem chart", "attn why"),
    "linear_regression": ("graph chart", "attn modtree why"),
    "mlp_classifier": ("graph gradflow chart flow", "attn why tokens file env"),
    "model_only": ("graph modtree", "gradflow attn chart why"),
    "padded_words": ("tokens graph", "gradflow chart attn why env file"),
    "rnn_names": ("graph gradflow chart", "attn why"),
    "sample_statistics": ("hist grid", "gradflow chart attn modtree why"),
    "saved_weights": ("file", "gradflow chart attn why env tokens"),
    "self_attention": ("attn graph", "gradflow chart why"),
    "shape_error": ("graph grid", "gradflow chart attn modtree why"),
    "shown_by_name": ("hist stride", "gradflow chart attn modtree why"),
    "transformer_training": ("attn graph gradflow chart", "why"),
    "views_and_strides": ("stride grid", "gradflow chart attn modtree why"),
    "word_vectors": ("graph grid", "gradflow chart attn why"),
}


def offers(gradboard, program):
    done = subprocess.run([gradboard, "render", program, "--list"], capture_output=True, text=True, timeout=60)
    if done.returncode:
        return None, None, done.stderr
    rows = re.findall(r"^(\w+) +(\d+)( +opens)?$", done.stdout, re.M)
    return {r[0] for r in rows if r[2]}, {r[0] for r in rows}, ""


def main():
    gradboard = os.path.abspath(sys.argv[1])
    names = sorted(f[:-3] for f in os.listdir(FOLDER) if f.endswith(".py"))
    assert names == sorted(EXPECTED), "every program has its row"
    failed = 0
    print(f"1..{len(names)}")
    for i, name in enumerate(names):
        must, must_not = (set(words.split()) for words in EXPECTED[name])
        opens, something, problem = offers(gradboard, os.path.join(FOLDER, name + ".py"))
        if not problem and not must <= opens:
            problem = f"{sorted(must - opens)} should open; {sorted(opens)} do"
        if not problem and must_not & something:
            problem = f"{sorted(must_not & something)} should have nothing to show"
        if not problem and not 1 <= len(opens) <= 4:
            problem = f"{len(opens)} open"
        failed += bool(problem)
        print(f"{'not ok' if problem else 'ok'} {i + 1} - {name}")
        if problem:
            print("#", problem)
    return failed


sys.exit(main() != 0)

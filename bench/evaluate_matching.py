#!/usr/bin/env python3
"""Scores a ranking against a judged set. Plain Python, no packages.

    evaluate_matching.py SET.json RUN.json [--baseline RUN0.json] [--json]

SET   matching_*.json or search_*.json
RUN   for matching {guest id: [theme ids, best first]}, or the other way round {theme id: [guest ids]};
      for search {query id: [offer ids]}. A missing list counts as empty; unknown or repeated ids are an error.

matching gains: joint = the smaller of the two grades; learning (or host, when themes are the keys) = one side's grade;
                a pair that is not eligible gains 0, and so does a pair that was not judged.
P@5        share of relevant (gain >= 2) among the first five; five is the divisor even for shorter lists
nDCG@5     (2^gain - 1) / log2(rank + 1), against the best possible order of the judged pairs
MRR        1 / rank of the first relevant one, anywhere in the list
success@5  at least one relevant among the first five
cross      only what is written in another language than the asker's counts, in the run and in the ideal;
same       only what is in the asker's language. Askers for whom nothing of that sort is relevant are left out.
           (In a search set, cross and same instead group the queries: nothing relevant in their language, or something.)
ineligible@5, judged@5   of the first five: how many break a hard rule; what share has been judged

Intervals: 95 % percentile bootstrap over askers, 2,000 resamples, fixed seed; with --baseline of the paired difference.
"""

import argparse
import json
import random
import sys
from datetime import date
from math import log2
from pathlib import Path

K, RELEVANT, RESAMPLES, SEED = 5, 2, 2000, 20261129
METRICS = ("P@5", "nDCG@5", "MRR", "success@5")


def broken_rules(theme, guest):
    """Which hard rules stand against a pair: of country, level, language, dates."""
    rules = []
    if theme["eligible_countries"] and guest["country"] not in theme["eligible_countries"]:
        rules.append("country")
    if theme["levels"] and guest["level"] not in theme["levels"]:
        rules.append("level")
    if not set(theme["languages"]) & set(guest["languages"]):
        rules.append("language")
    if guest["free"] and theme["windows"] and _common_days(theme["windows"], guest["free"]) < theme["minimum_days"]:
        rules.append("dates")
    return rules


def _common_days(windows, free):
    """The longest stay, in days, that fits one window and one free time."""
    return max(
        (date.fromisoformat(min(w["last_day"], f["last_day"])) - date.fromisoformat(max(w["first_day"], f["first_day"]))).days + 1
        for w in windows
        for f in free
    )


class Judged:
    """A set seen from those who ask: gains per view, the language of each side, hard rules."""

    def __init__(self, data, asked_by_theme=False):
        self.hard = {}
        if "themes" in data:
            themes, guests = ({x["id"]: x for x in data[key]} for key in ("themes", "guests"))
            askers, found = (themes, guests) if asked_by_theme else (guests, themes)
            side = "host" if asked_by_theme else "learning"
            self.views = {"joint": {}, side: {}}
            for j in data["judgements"]:
                pair = (j["theme"], j["guest"]) if asked_by_theme else (j["guest"], j["theme"])
                self.views["joint"][pair] = min(j["learning"], j["host"]) if j["eligible"] else 0
                self.views[side][pair] = j[side] if j["eligible"] else 0
            self.read = set(self.views["joint"])
            for zero in data.get("pooled_zero", ()):
                self.read |= {(t, zero["guest"]) if asked_by_theme else (zero["guest"], t) for t in zero["themes"]}
            for t in themes.values():
                for g in guests.values():
                    self.hard[(t["id"], g["id"]) if asked_by_theme else (g["id"], t["id"])] = bool(broken_rules(t, g))
            self.kind = "matching"
        else:
            askers, found = ({x["id"]: x for x in data[key]} for key in ("queries", "offers"))
            self.views = {"grade": {(q, o): grade for q, x in askers.items() for o, grade in x["relevant"].items()}}
            self.kind, self.read = "search", set(self.views["grade"])
            self.crossing = {q: x["needs_crossing"] == "all" for q, x in askers.items()}
        self.askers = {key: x["language"] for key, x in askers.items()}
        self.found = {key: x["language"] for key, x in found.items()}

    def kept(self, asker, item, scope):
        """Whether an item counts in a scope: all, cross or same."""
        if scope == "all" or self.kind == "search":
            return True
        return (self.found[item] == self.askers[asker]) == (scope == "same")

    def asks(self, asker, scope):
        return scope == "all" or self.kind == "matching" or self.crossing[asker] == (scope == "cross")


def scores(judged, run, view, scope):
    """Per asker the four metrics; those without anything relevant in this scope are left out."""
    gains, result = judged.views[view], {}
    possible = {}
    for (asker, item), gain in gains.items():
        if gain and judged.kept(asker, item, scope):
            possible.setdefault(asker, []).append(gain)
    for asker in judged.askers:
        ideal = sorted(possible.get(asker, ()), reverse=True)
        if not ideal or ideal[0] < RELEVANT or not judged.asks(asker, scope):
            continue
        got = [gains.get((asker, item), 0) for item in run.get(asker, ()) if judged.kept(asker, item, scope)]
        hits = [gain >= RELEVANT for gain in got]
        result[asker] = {
            "P@5": sum(hits[:K]) / K,
            "nDCG@5": _dcg(got) / _dcg(ideal),
            "MRR": next((1 / rank for rank, hit in enumerate(hits, 1) if hit), 0.0),
            "success@5": float(any(hits[:K])),
        }
    return result


def _dcg(gains):
    return sum((2**gain - 1) / log2(rank + 1) for rank, gain in enumerate(gains[:K], 1))


def interval(values):
    """Mean and its 95 % percentile bootstrap interval."""
    rng, n = random.Random(SEED), len(values)
    means = sorted(sum(rng.choices(values, k=n)) / n for _ in range(RESAMPLES))
    return sum(values) / n, means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def evaluate(judged, run, baseline=None):
    """Rows of {view, scope, n, metric: {mean, low, high, difference...}}."""
    rows = []
    languages = sorted(set(judged.askers.values()))
    for view in judged.views:
        for scope in ("all", "cross", "same", *(f"language {x}" for x in languages)):
            part = "all" if scope.startswith("language") else scope
            mine = scores(judged, run, view, part)
            theirs = scores(judged, baseline, view, part) if baseline is not None else None
            chosen = [a for a in mine if part == scope or judged.askers[a] == scope.split()[1]]
            if not chosen:
                continue
            row = {"view": view, "scope": scope, "n": len(chosen)}
            for metric in METRICS:
                mean, low, high = interval([mine[a][metric] for a in chosen])
                row[metric] = {"mean": mean, "low": low, "high": high}
                if theirs is not None:
                    mean, low, high = interval([mine[a][metric] - theirs[a][metric] for a in chosen])
                    row[metric]["difference"] = {"mean": mean, "low": low, "high": high}
            rows.append(row)
    return rows


def checks(judged, run):
    """Per asker: pairs in the first five that break a hard rule; share of judged ones."""
    first = [(asker, item) for asker in judged.askers for item in run.get(asker, ())[:K]]
    return {
        "ineligible@5": sum(judged.hard.get(pair, False) for pair in first) / len(judged.askers),
        "judged@5": sum(pair in judged.read for pair in first) / max(1, len(first)),
        "empty lists": sum(not run.get(asker) for asker in judged.askers),
    }


def read_run(path, judged_for):
    """A run with the set that fits its keys; exits with a message that says what would be right."""
    try:
        run = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(f"{path}: cannot be read as JSON ({error})")
    if not isinstance(run, dict) or not all(isinstance(x, list) for x in run.values()):
        sys.exit(f'{path}: should be an object of lists, such as {{"asker id": ["best id", "second best id"]}}')
    judged = next((j for j in judged_for if set(run) <= set(j.askers)), None)
    if judged is None:
        unknown = min((set(run) - set(j.askers) for j in judged_for), key=len)
        sys.exit(f"{path}: {len(unknown)} ids are not in the set, such as {sorted(unknown)[0]}")
    for asker, items in run.items():
        for item in items:
            if item not in judged.found:
                sys.exit(f"{path}: {asker} lists {item!r}, which is not in the set")
        if len(set(items)) < len(items):
            sys.exit(f"{path}: {asker} lists something twice")
    return run, judged


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set")
    parser.add_argument("run")
    parser.add_argument("--baseline", metavar="RUN0", help="another run, for the paired difference")
    parser.add_argument("--json", action="store_true", help="figures for a program")
    options = parser.parse_args()
    data = json.loads(Path(options.set).read_text(encoding="utf-8"))
    views = [Judged(data), Judged(data, asked_by_theme=True)] if "themes" in data else [Judged(data)]
    run, judged = read_run(options.run, views)
    baseline = None
    if options.baseline:
        baseline, other = read_run(options.baseline, views)
        if other is not judged:
            sys.exit("run and baseline are of different directions")
    rows, sanity = evaluate(judged, run, baseline), checks(judged, run)
    if options.json:
        print(json.dumps({"set": data["name"], "rows": rows, "checks": sanity}, indent=1))
        return
    print(f"{data['name']}: {len(judged.askers)} askers, " + ", ".join(f"{key} {value:.2f}" for key, value in sanity.items()))
    print(f"{'':24}{'n':>4}" + "".join(f"{metric:>24}" for metric in METRICS))
    for row in rows:
        _line(f"{row['view']}, {row['scope']}", row["n"], [row[m] for m in METRICS], "")
        if baseline is not None:
            _line("  against the baseline", "", [row[m]["difference"] for m in METRICS], "+")


def _line(label, n, cells, sign):
    form = "{mean:" + sign + ".3f} [{low:" + sign + ".3f}, {high:" + sign + ".3f}]"
    print(f"{label:24}{n:>4}" + "".join(f"{form.format(**cell):>24}" for cell in cells))


if __name__ == "__main__":
    main()

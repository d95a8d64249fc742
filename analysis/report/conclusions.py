"""The first page of a report: the answer in three sentences, what it is claimed of, and its limits."""

from analysis.report.answer import answer
from analysis.report.context import ReportContext
from analysis.report.document_model import Conclusions
from analysis.report.estimand import estimand
from analysis.report.families import count_in_words, family_table
from analysis.report.limits import LARGE_LINE, first_limits, limits_of, lines
from analysis.report.primary import primary_of


def conclusions(context: ReportContext, about: str = "") -> Conclusions:
    """Return the first page: with ``about``, the line above it, at most twelve lines on a wide screen."""
    primary = primary_of(context)
    sentences = answer(context)
    claim = " ".join(filter(None, [estimand(context, primary), count_in_words(family_table(context), primary)]))
    taken = lines(about, claim) + lines(*sentences, width=LARGE_LINE)
    limits = first_limits(limits_of(context), taken)
    return Conclusions(" ".join(sentences), may_not=limits, claim=claim, sentences=sentences)

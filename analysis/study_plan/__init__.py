"""Plan a study: how many clips, persons, frames and seeds it needs (the entry point ``plan``)."""

from analysis.study_plan.from_runs import plan_from_runs
from analysis.study_plan.plan import StudyPlan, plan_study
from analysis.study_plan.stated import Stated

__all__ = ["Stated", "StudyPlan", "plan_from_runs", "plan_study"]

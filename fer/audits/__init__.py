"""What a test can be trusted for: what it shares with training, and who and what is in it."""

from fer.audits.content import audit_content
from fer.audits.findings import Findings
from fer.audits.overlap import Overlap, audit_overlap

__all__ = ["Findings", "Overlap", "audit_content", "audit_overlap"]

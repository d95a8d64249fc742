"""The steps of the pipeline, each computed and logged inside an open run; called by entry points and studies.

A step (``<name>_step``) opens its inputs by address, computes, and logs its results as one :class:`fer.record.Record`.
The functions that make records (``<name>_record``) do not use a server.

This is the top package of the library: it imports the packages for datasets, training, evaluation and tracking, and
none of them imports it.
"""

"""The steps of the main job, each done and logged inside an open run; entry points and studies call them.

A step (``<name>_step``) opens what it is given by address, computes, and logs what it found out as one
:class:`fer.record.Record`. What makes a record (``<name>_record``) knows no server and can be used without one.

The top package of the library: it knows datasets, training, evaluation and the tracking server; none of them
knows it.
"""

"""Observance-day campaigns in several languages, each post delivered once, or you are told."""

__version__ = "0.1.0"

"""Tests of compliance/reports."""

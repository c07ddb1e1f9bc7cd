"""The pages of applications."""

from flask import Blueprint

blueprint = Blueprint("applications", __name__)

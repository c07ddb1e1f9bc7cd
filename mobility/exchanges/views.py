"""The pages of exchanges."""

from flask import Blueprint

blueprint = Blueprint("exchanges", __name__)

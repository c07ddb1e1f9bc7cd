"""The pages of vouchers."""

from flask import Blueprint

blueprint = Blueprint("vouchers", __name__)

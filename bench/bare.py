"""The measure of all pages: a bare Flask page that renders as many rows, from one query of the same database.

The same gunicorn, Flask-SQLAlchemy and engine as the application; nobody is signed in, nothing is laid out.
"""

from flask import Flask, render_template, request
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from sqlalchemy import text

import config

PAGE = """<!doctype html>
<title>Bare</title>
<table>
{% for row in rows %}
<tr>
  <td><a href="/themes/{{ row.id }}">{{ row.title }}</a></td>
  <td>{{ row.name }}</td><td>{{ row.country }}</td><td>{{ row.apply_by }}</td>
</tr>
{% endfor %}
</table>
"""
ROWS = text(
    "SELECT theme.id, theme.title, theme.apply_by, organisation.name, organisation.country "
    "FROM theme JOIN organisation ON organisation.id = theme.host_id "
    "WHERE theme.state = 'published' ORDER BY theme.apply_by, theme.id LIMIT :rows"
)

db = SQLAlchemy()
app = Flask(__name__)
app.config.from_mapping(config.from_env())
app.jinja_loader = DictLoader({"page.html": PAGE})
db.init_app(app)


@app.get("/")
def page() -> str:
    rows = db.session.execute(ROWS, {"rows": int(request.args["rows"])}).all()
    return render_template("page.html", rows=rows)

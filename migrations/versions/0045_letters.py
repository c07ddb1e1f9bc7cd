"""What a mail's HTML is made of stands beside its text; the HTML itself is made when it leaves."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
ESCAPED = "replace(replace(replace(text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"


def upgrade():
    op.add_column('outbox_message', sa.Column('parts', JSON, nullable=True))


def downgrade():
    """The version before sends what stands in `html`: of a mail without it, its text."""
    op.execute(f"UPDATE outbox_message SET html = '<pre>' || {ESCAPED} || '</pre>' WHERE html = ''")
    op.drop_column('outbox_message', 'parts')

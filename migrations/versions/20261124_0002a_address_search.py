"""Pieces of addresses are found by their characters: no word boundaries, no extension, no superuser. PostgreSQL alone.

SQLite's installations are small: there the addresses are read one after another.

Revision ID: 0002a
Revises: 0002
Create Date: 2026-11-24 13:15:00
"""

from alembic import op

revision = "0002a"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""CREATE INDEX fts_case_address ON "case" USING gin (string_to_array(address, NULL))""")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX fts_case_address")

"""Rows of a company's database, by URL and query."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from domain.errors import BadData


def read_database(url: str, query: str) -> pa.Table:
    """The rows of a query. Column names and types are the database's own; what they mean is for
    the mapping to say. Raises `BadData` without the password where it can't be read."""
    if not query.strip():
        raise BadData("A database needs a query.", remedy="Give --query 'SELECT ...'.")
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise BadData(
            f"The database URL can't be used: {error}.",
            remedy="Write it as dialect+driver://user:password@host/name, its driver installed.",
        ) from None
    try:
        with engine.connect() as connection:
            result = connection.execute(text(query))
            frame = pd.DataFrame(result.fetchall(), columns=list(result.keys()))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise BadData(f"{engine.url.render_as_string()} can't be read: {reason}.") from None
    finally:
        engine.dispose()
    if frame.empty:
        raise BadData("The query has no rows.")
    return pa.Table.from_pandas(frame, preserve_index=False)

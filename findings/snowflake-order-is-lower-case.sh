#!/usr/bin/env bash
# Reserved words become lower-case columns beside upper-case ones.
#
# snowflake-sqlalchemy 2.1.0 with SQLAlchemy 2.1.9.
#
# Guess: a table with the lower-case columns id, order and start has the Snowflake columns ID, ORDER and START, the
#   reserved words quoted as "ORDER" and "START".
# Seen: CREATE TABLE contacts (id ..., "order" ..., "start" ...). Quoted names keep their case in Snowflake, so this
#   table has the columns ID, order and start.
# Why: the dialect takes lower case for "any case" and folds it, but a reserved word has to be quoted, and it is quoted
#   as it stands.
# Matters: SELECT "ORDER" fails where "ID" works, tools that put every column in capitals lose these two, and a COPY that
#   matches column names case-sensitively leaves them null. Keap has a column "order" (pipeline stages).
. "$(dirname "$0")/common.sh"
python_with snowflake-sqlalchemy==2.1.0 SQLAlchemy==2.1.9

cat > look.py <<'END'
from snowflake.sqlalchemy.snowdialect import dialect
from sqlalchemy import BigInteger, Column, MetaData, String, Table
from sqlalchemy.schema import CreateTable

names = ("order", "start", "_sdc_deleted_at", "type")
columns = [Column("id", BigInteger), *(Column(name, String) for name in names)]
print(CreateTable(Table("contacts", MetaData(), *columns)).compile(dialect=dialect()))
END
same "the statement" 'CREATE TABLE contacts ( id BIGINT, "order" VARCHAR, "start" VARCHAR, _sdc_deleted_at VARCHAR, type VARCHAR )' \
    "$(env/bin/python look.py 2> /dev/null | tr -s '\n\t ' ' ' | sed 's/^ //; s/ $//')"

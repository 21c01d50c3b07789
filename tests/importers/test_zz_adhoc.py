from tests.importers.test_demo import *  # noqa
from tests.importers.test_demo import demonstration
from click.testing import CliRunner
from alembic import command
from tenants import migrate
from tenants.context import ScopeKind
from tenants.db import unit_of_work
from compliance.services import retention
from tests.factories.commands import environment
import wsgi
for n in list(globals()):
    if n.startswith("test_"): del globals()[n]

def test_demo(demonstration):
    inst = demonstration.installation
    env = environment(inst.settings)
    print(seen(demonstration.app, "select establishment_id, session_code, count(*) from attendance group by 1,2"))
    print(seen(demonstration.app, "select code, ends_on from training_session"))
    def run(*a):
        r = CliRunner().invoke(wsgi.cli, list(a), env=env)
        print("$ vigie", *a); print(r.output)
    run("retention", "--dry-run")
    from tenants.permissions import Permission
    with inst.acting("etablissement:629900044", "admin@marquerive.example", Permission.MANAGE_CANDIDATE):
        retention.decide(6)
    run("retention", "--dry-run"); run("retention"); run("retention")
    config = migrate._config()
    with inst.owner() as engine, engine.connect() as c:
        config.attributes["connection"] = c
        command.downgrade(config, "0017")
        command.upgrade(config, "head")
    run("retention")
    run("audit", "--scope", "etablissement:629900044", "--as", "admin@marquerive.example")

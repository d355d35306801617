"""A forked child can use the client of its parent."""

from __future__ import annotations

import os

import pytest

from test.support.subprocesses import run_script

FORK = """
warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads, which is the point
asking, go_on, peers = threading.Event(), threading.Event(), set()

def answer(asked):
    if asked.path.endswith("/token/"):
        if not asking.is_set():
            asking.set()
            go_on.wait(50)
        return Answer(200, {"access_token": "t", "expires_in": 86400})
    return Answer(200, b"[]")

service.answer = answer
service._lock = threading.RLock()
client = ApiClient(configuration)
api = TanksApi(client)

class Free:
    def __enter__(self): pass
    def __exit__(self, *error): pass

service._lock = Free()  # so that one request can be answered while another waits

# Another thread holds the lock of the token while the process forks.
other = threading.Thread(target=api.tanks_list)
other.start()
assert asking.wait(50)
child = os.fork()
if child == 0:
    api.tanks_list()
    api.tanks_list()
    os._exit(0)
_, status = os.waitpid(child, 0)
go_on.set()
other.join()
api.tanks_list()
client.close()
service.close()
assert status == 0, status
print("fine", len(service.asked))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_forked_child_can_use_the_client_while_the_parent_fetches_a_token() -> None:
    done = run_script(FORK)
    assert (done.stderr, done.stdout) == ("", "fine 6\n")


SOCKETS = """
class Peers:
    ports = set()

def answer(asked):
    return Answer(200, b"[]")

service.answer = answer
handler = service._server.RequestHandlerClass
setup = handler.setup
def remember(self):
    Peers.ports.add(self.client_address[1])
    setup(self)
handler.setup = remember
configuration.access_token = "token"
api = TanksApi(ApiClient(configuration))
api.tanks_list()
for _ in range(3):
    child = os.fork()
    if child == 0:
        api.tanks_list()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    api.tanks_list()
print("connections", len(Peers.ports))
service.close()
api.api_client.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_forked_child_opens_connections_of_its_own() -> None:
    done = run_script(SOCKETS, "-W", "ignore::DeprecationWarning")
    assert (done.stderr, done.stdout) == ("", "connections 4\n")

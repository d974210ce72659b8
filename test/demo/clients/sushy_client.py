"""OpenStack's sushy finds a BMC that behaves: argv is its address, its certificate, its host's Id."""
import sys
import time

import sushy
from sushy import auth

url, certificate, host_id = sys.argv[1:]
session = auth.SessionAuth("root", "0penBmc")
root = sushy.Sushy(url, auth=session, verify=certificate)
assert root.lazy_registries.registries, "no message registries"

systems = {each.identity: each for each in root.get_system_collection().get_members()}
host = systems[host_id]
assert host.power_state == sushy.PowerState.ON, host.power_state
assert host.chassis and host.managers
assert host.processors.get_members() == []
assert sushy.ResetType.FORCE_OFF in host.get_allowed_reset_system_values()


def wait_for(state):
    for _ in range(200):
        host.refresh(force=True)
        if host.power_state == state:
            return
        time.sleep(0.1)
    raise AssertionError(f"it is {host.power_state}, not {state}")


host.reset_system(sushy.ResetType.FORCE_OFF)
wait_for(sushy.PowerState.OFF)
host.reset_system(sushy.ResetType.ON)
wait_for(sushy.PowerState.ON)
host.set_system_boot_options(target=sushy.BootSource.PXE, enabled=sushy.BootSourceOverrideEnabled.ONCE)

for manager in root.get_manager_collection().get_members():
    assert manager.manager_type == sushy.ManagerType.BMC
    assert sushy.ResetType.GRACEFUL_RESTART in manager.get_allowed_reset_manager_values()
for chassis in root.get_chassis_collection().get_members():
    assert chassis.chassis_type is not None
assert len(root.get_session_service().sessions.members_identities) == 1
root.get_event_service().subscriptions.get_members()
root.get_task_service()
session.close()
print("ok")

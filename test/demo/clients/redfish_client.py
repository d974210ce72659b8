"""DMTF's redfish library finds a BMC that behaves: argv is its address, its certificate, the path of its host."""
import sys

import redfish

url, certificate, path = sys.argv[1:]
client = redfish.redfish_client(
    base_url=url, username="root", password="0penBmc", default_prefix="/redfish/v1", cafile=certificate
)
client.login(auth="session")
members = [each["@odata.id"] for each in client.get("/redfish/v1/Systems").dict["Members"]]
assert path in members, members
host = client.get(path)
etag = {"If-Match": host.getheader("etag")}
boot = {"Boot": {"BootSourceOverrideTarget": "Pxe"}}
place = host.dict.get("@Redfish.Settings", {}).get("SettingsObject", {}).get("@odata.id", path)
if place != path:
    etag = {"If-Match": client.get(place).getheader("etag")}
assert client.patch(place, body=boot, headers=etag).status in (200, 204)
assert client.patch(place, body=boot, headers=etag).status == 412, "the ETag is stale"
assert client.patch(path, body={"Nope": 1}).status == 400
target = host.dict["Actions"]["#ComputerSystem.Reset"]["target"]
assert client.post(target, body={"ResetType": "ForceRestart"}).status in (200, 204)
assert client.get("/redfish/v1/Nope").status == 404
client.logout()
print("ok")

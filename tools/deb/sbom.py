"""The bill of materials: what the package carries, in SPDX 2.3.

Contract: `sbom(...)` answers the JSON text.
Rules: versions and hashes are the lock's, licences the libraries' own; the document's name is made of what it lists, so
that equal packages have equal documents. What Debian brings (python3, libvlc) is named without a version: it is the
device's.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from tools.deb.control import DEPENDS, PACKAGE
from tools.deb.licences import Library
from tools.deb.lock import Pin

_NAMESPACE = "https://spdx.org/spdxdocs"


def sbom(carried: Mapping[Pin, tuple[Library, str, str]], *, version: str, epoch: int) -> str:
    """`carried`: each pin with the library, its wheel's name and that wheel's SHA-256."""
    packages = [_ourselves(version)]
    packages += [_carried(pin, *found) for pin, found in carried.items()]
    packages += [_depended(name) for name in dict.fromkeys(each.split(maxsplit=1)[0] for each in DEPENDS)]
    digest = sha256(json.dumps(packages, sort_keys=True).encode()).hexdigest()
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{PACKAGE}_{version}_all",
        "documentNamespace": f"{_NAMESPACE}/{PACKAGE}-{version}-{digest[:32]}",
        "creationInfo": {
            "created": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: {PACKAGE}-build-deb"],
        },
        "packages": packages,
        "relationships": [_relation("SPDXRef-DOCUMENT", "DESCRIBES", packages[0]["SPDXID"]), *_relations(packages)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _ourselves(version: str) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-{PACKAGE}",
        "name": PACKAGE,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "the kiosk-agent contributors",
        "primaryPackagePurpose": "APPLICATION",
        "externalRefs": [_purl(f"pkg:deb/{PACKAGE}@{version}?arch=all")],
    }


def _carried(pin: Pin, library: Library, wheel: str, digest: str) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-python-{pin.name}",
        "name": pin.name,
        "versionInfo": pin.version,
        "packageFileName": wheel,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": library.licence,
        "copyrightText": library.holders(),
        "primaryPackagePurpose": "LIBRARY",
        "externalRefs": [_purl(f"pkg:pypi/{pin.name}@{pin.version}")],
    }


def _depended(name: str) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-deb-{name}",
        "name": name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "comment": "Not in the package: installed with it from the device's own Debian.",
        "externalRefs": [_purl(f"pkg:deb/debian/{name}")],
    }


def _purl(locator: str) -> dict[str, str]:
    return {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}


def _relations(packages: list[dict[str, Any]]) -> list[dict[str, str]]:
    ours = packages[0]["SPDXID"]
    return [
        _relation(ours, "DEPENDS_ON" if each["SPDXID"].startswith("SPDXRef-deb-") else "CONTAINS", each["SPDXID"])
        for each in packages[1:]
    ]


def _relation(subject: str, what: str, target: str) -> dict[str, str]:
    return {"spdxElementId": subject, "relationshipType": what, "relatedSpdxElement": target}

"""Components as the Admin API has them: all in one list, whatever they lie in."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.errors import LostError, ServerError
from kcplan.inverse import invert
from kcplan.plan import Operation, Step
from kcplan.provider import Image
from kcplan.snapshot import LiveObject
from kcplan_keycloak import tickets
from kcplan_keycloak.api import Get, path
from kcplan_keycloak.bodies import Body
from kcplan_keycloak.component_sections import FEDERATION, USER_PROFILE, last_word
from kcplan_keycloak.errors import NotFoundError
from kcplan_keycloak.masks import without_masks
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Holders, Writing, read_current
from kcplan_keycloak.rest import RestType

Component = Mapping[str, Any]

_TICKETS: Final = "tickets"


def _in_realm(body: Component, every: Mapping[str, Component]) -> tuple[str, ...] | None:
    """The names of a component that lies in the realm itself: with its subtype, if it has one."""
    if not body.get("name") or body.get("parentId") in every:
        return None
    if body["providerType"] == USER_PROFILE:
        return None
    return tuple(filter(None, (last_word(body["providerType"]), body.get("subType"), body["name"])))


def policy(body: Component, every: Mapping[str, Component]) -> tuple[str, ...] | None:
    """The names of a component with a subtype."""
    return _in_realm(body, every) if body.get("subType") else None


def plain(body: Component, every: Mapping[str, Component]) -> tuple[str, ...] | None:
    """The names of a component without a subtype."""
    return None if body.get("subType") else _in_realm(body, every)


def mapper(body: Component, every: Mapping[str, Component]) -> tuple[str, ...] | None:
    """The names of what lies in a component without a subtype."""
    parent, name = every.get(body.get("parentId") or ""), body.get("name")
    above = plain(parent, every) if parent is not None and name else None
    return None if above is None else (*above, str(name))


def _is_whole(step: Step) -> bool:
    """Whether the image of a step is the whole component."""
    destroys = step.operation is Operation.UPDATE and bool(step.lossy)
    return destroys or step.operation is Operation.DELETE


class ComponentType(RestType):
    """Components, which come back with all that lay in them."""

    def users(
        self,
        names: Names,  # noqa: ARG002
        live: LiveObject,
        found: Mapping[Address, LiveObject],  # noqa: ARG002
    ) -> Holders:
        """The request for the number of users of a realm, some of whom a federation brought.

        Only a list would tell which. For that Keycloak asks the federation after each user, and
        forgets those whom it no longer finds there: that is too much for a plan.
        """
        if live.leaves.get(("providerType",)) != FEDERATION:
            return Holders()
        return Holders(
            (Get(path("realms", live.address.realm, "users", "count")),),
            one="the realm has one user, who is deleted if it came from there",
            many="the realm has {}: those who came from there are deleted",
        )

    def leaves_behind(self, step: Step) -> bool:
        """Whether flows change along with a component, and stay so when that is undone."""
        if step.operation is Operation.UPDATE:
            return tickets.switches(step.after)
        return step.operation is Operation.CREATE and tickets.will_be_for_tickets(step.after)

    def capture(self, writing: Writing) -> Image | None:
        """The component with what lies in it; of others what changes along with them.

        Of one that is updated also what it is, which tells whether it was updated.
        """
        if _is_whole(writing.step):
            return super().capture(writing)
        flows = {_TICKETS: tickets.requirements(writing.api, writing.address.realm)}
        if writing.step.operation is Operation.CREATE:
            return flows
        return {**flows, "body": read_current(writing, self._item(writing, writing.object_id()))}

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Take the step back, and put flows back to what they were.

        Raises:
            LostError: The component is back without its secrets; whether or not the flows are.
            ServerError: Keycloak refuses something.
        """
        try:
            new = self._taken_back(writing, image)
        except LostError as lost:
            try:
                self._flows_back(writing, image)
            except ServerError as error:
                detail = f"{lost.detail} Nor could flows be put back: {error.summary}."
                raise LostError(lost.summary, detail.lstrip()) from error
            raise
        except ServerError:
            # It is tried again, or told; what became of the flows is no news beside it.
            with suppress(ServerError):
                self._flows_back(writing, image)
            raise
        self._flows_back(writing, image)
        return new

    def _taken_back(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        if _is_whole(writing.step):
            return super().restore(writing, image)
        if writing.step.operation is Operation.UPDATE:
            self.update(evolve(writing, step=invert(writing.step, None)))
            return {}
        with suppress(NotFoundError):
            self.delete(writing)
        return {}

    def _flows_back(self, writing: Writing, image: Image) -> None:
        tickets.put_back(writing.api, writing.address.realm, image.get(_TICKETS, {}))

    def image(
        self, writing: Writing, at: str, body: Body, pointers: list[str] | None = None
    ) -> Image:
        """What brings back a component: what lies in it as well."""
        found = super().image(writing, at, body, pointers)
        flows = {}
        if tickets.is_for_tickets(body):
            flows[_TICKETS] = tickets.requirements(writing.api, writing.address.realm)
        return {**found, **flows, "carried": self._inside(writing, body["id"])}

    def _inside(self, writing: Writing, object_id: str) -> list[Body]:
        return writing.api.get(self._collection(writing), parent=object_id) or []

    def _carry_back(self, writing: Writing, at: str, image: Image, *, made: bool) -> None:
        """Bring back what lay in it, in the place of what Keycloak has just made by itself.

        Where the component was still there, what is in it besides is somebody else's.
        """
        collection, holder = self._collection(writing), at.rpartition("/")[2]
        there = {item["id"] for item in self._inside(writing, holder)}
        before = {item["id"]: item for item in image["carried"]}
        for object_id in there - before.keys() if made else ():
            writing.api.delete(f"{collection}/{path(object_id)}")
        for object_id in before.keys() - there:
            writing.api.post(collection, without_masks(before[object_id]))

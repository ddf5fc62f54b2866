"""Version and status of the stack, and the profile of who asks. https://rest-docs.synapse.org/rest/"""

from emulator.exchange import Answer, Request
from emulator.providers.synapse.messages import uuid
from emulator.providers.synapse.settings import SynapseWorld


def get_version(world: SynapseWorld, _request: Request) -> Answer:
    """The version; the instance is the number before its dot."""
    version = world.settings.version
    return Answer(200, {"version": version, "stackInstance": version.partition(".")[0]})


def get_stack_status(world: SynapseWorld, _request: Request) -> Answer:
    """Answers in every status."""
    told = world.settings
    messages = {
        "currentMessage": told.current_message,
        "pendingMaintenanceMessage": told.pending_maintenance_message,
    }
    return Answer(200, {"status": told.stack_status} | {name: text for name, text in messages.items() if text})


def get_user_profile(world: SynapseWorld, request: Request) -> Answer:
    """Who asks. The anonymous user has neither address nor name."""
    user = request.user
    profile = {
        "ownerId": str(user.id),
        "etag": uuid(world.chance, "profile", user.id),
        "userName": user.name,
        "firstName": "",
        "lastName": "",
        "emails": [] if user.anonymous else [f"{user.name}@synapse.org"],
    }
    return Answer(200, profile)

"""The namespaces and actions that are documented: what an unknown call is told from."""

import re

ACTIONS: dict[str, frozenset[str]] = {
    namespace: frozenset(actions.split())
    for namespace, actions in {
        "account": """addErrorReport addOrUpdateCostCenter getCostCenterList getEmailLogList getIndustryList getUserList
            subscribeToNotifications unsubscribeFromNotifications""",
        "batch": "run progress results restart repost",
        "contact": """addContactsToSubscriptionGroup addOrUpdateCompany addOrUpdateCompanyNote addOrUpdateContact
            addOrUpdateContactNote addOrUpdateLead getCompany getCompanyCustomFieldDefinition getCompanyList
            getCompanyNoteList getContact getContactList getContactNoteList getCustomFieldDefinition
            getSubscriptionGroupList removeContactsFromSubscriptionGroup""",
        "crm": """addOrUpdateActivity addOrUpdateActivityPurpose addOrUpdateLeadChannel addOrUpdateLeadNote
            addOrUpdateLeadQuality addOrUpdateLeadSource addOrUpdateLeadStage addOrUpdateLeadType addOrUpdateTask
            getActivityList getLeadChannelList getLeadList getLeadNoteList getLeadQualityList getLeadSourceList
            getLeadStageList getLeadTypeList getOpportunityList getOpportunityNoteList getTaskList""",
        "event": """addOrUpdateEvent createLoginToken getAttendee getAttendeeList getEvent getEventList
            getInvitedContactList getRegistration getRegistrationList getSessionList getSpeakerList getSponsorshipList
            inviteContacts""",
        "invoice": "addPayment getCreditNote getCreditNoteList getInvoice getInvoiceList getOptions",
        "partner": "getVenue getVenueList",
        "test": "ping",
        "venue": "",
    }.items()
}

VENUE = re.compile(r"(add|get|remove|change|update|cancel|confirm|convert|upload)[A-Z]\w*")
"""The namespace has about ninety actions; whatever begins as they do is taken for one of them."""


def documented(namespace: str, action: str) -> bool:
    """Whether there is a page about it."""
    if namespace == "venue":
        return VENUE.fullmatch(action) is not None
    return action in ACTIONS.get(namespace, ())

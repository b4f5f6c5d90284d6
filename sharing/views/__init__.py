"""Pages of the sharing room, split by noun."""

from sharing.views.agreements import agreement as agreement
from sharing.views.agreements import agreement_pdf as agreement_pdf
from sharing.views.grants import download as download
from sharing.views.grants import end_grant as end_grant
from sharing.views.grants import grant_list as grant_list
from sharing.views.grants import grant_page as grant_page
from sharing.views.grants import issue_credential as issue_credential
from sharing.views.grants import online_query as online_query
from sharing.views.grants import resume_grant as resume_grant
from sharing.views.grants import revoke_credential as revoke_credential
from sharing.views.objections import new_objection as new_objection
from sharing.views.objections import objection_list as objection_list
from sharing.views.requests import discard as discard
from sharing.views.requests import draft as draft
from sharing.views.requests import new_request as new_request
from sharing.views.requests import request_export as request_export
from sharing.views.requests import request_list as request_list
from sharing.views.requests import revise as revise

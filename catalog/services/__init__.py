"""Writes of the catalogue."""

from catalog.services.importing import ImportReport as ImportReport
from catalog.services.importing import RowReport as RowReport
from catalog.services.importing import import_list as import_list
from catalog.services.lifecycle import note_data_loaded as note_data_loaded
from catalog.services.lifecycle import publish as publish
from catalog.services.lifecycle import return_to_draft as return_to_draft
from catalog.services.lifecycle import submit_for_publication as submit_for_publication
from catalog.services.resources import REGISTRARS as REGISTRARS
from catalog.services.resources import Entry as Entry
from catalog.services.resources import Field as Field
from catalog.services.resources import differing as differing
from catalog.services.resources import edit_resource as edit_resource
from catalog.services.resources import entry_of as entry_of
from catalog.services.resources import index as index
from catalog.services.resources import register_resource as register_resource
from catalog.services.resources import remove_draft as remove_draft
from catalog.services.revisions import amend_revision as amend_revision
from catalog.services.revisions import may_amend as may_amend
from catalog.services.revisions import propose_revision as propose_revision
from catalog.services.vocabulary import add_synonym as add_synonym
from catalog.services.vocabulary import check_category as check_category
from catalog.services.vocabulary import check_synonym as check_synonym
from catalog.services.vocabulary import register_category as register_category
from catalog.services.vocabulary import remove_synonym as remove_synonym
from catalog.services.vocabulary import rename_category as rename_category
from catalog.services.withdrawals import propose_withdrawal as propose_withdrawal

"""Pages of cases: lists, the case itself, acting on it, notices, versions of the law."""

from cases.views.conversation import add_comment as add_comment
from cases.views.conversation import follow as follow
from cases.views.conversation import people as people
from cases.views.conversation import unfollow as unfollow
from cases.views.conversation import withdraw_comment as withdraw_comment
from cases.views.handling import attachment as attachment
from cases.views.handling import case_file as case_file
from cases.views.handling import case_page as case_page
from cases.views.handling import file_answer as file_answer
from cases.views.handling import take_action as take_action
from cases.views.lists import boxes as boxes
from cases.views.lists import case_list as case_list
from cases.views.lists import one_page as one_page
from cases.views.notices import notices as notices
from cases.views.notices import read_notices as read_notices
from cases.views.notices import shown as shown

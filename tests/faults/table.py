"""The fault matrix, as far as it is run here."""

from tests.faults.client_faults import CLIENT_FAULTS
from tests.faults.link_faults import LINK_FAULTS
from tests.faults.matrix import Fault
from tests.faults.message_faults import MESSAGE_FAULTS
from tests.faults.process_faults import PROCESS_FAULTS
from tests.faults.storage_faults import STORAGE_FAULTS

FAULTS: dict[str, Fault] = {
    fault.number: fault for fault in (*PROCESS_FAULTS, *STORAGE_FAULTS, *LINK_FAULTS, *CLIENT_FAULTS, *MESSAGE_FAULTS)
}

-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('opportunity_stage_moves', {
    'id': 'text',
    'opportunity_id': 'text',
    'move_time': 'time',
    'move_from_stage_id': 'text',
    'move_to_stage_id': 'text',
    'prev_stage_move_time': 'time',
    'user_id': 'text',
    'created_by': 'text',
    'create_time': 'time'
}) }}

# Create a job that runs once, at the next 23:30 UTC
curl -sS -f -X POST http://127.0.0.1:8080/MultiFish/v1/JobService/Jobs \
  -H 'Authorization: Bearer demo' -H 'Content-Type: application/json' \
  -d '{"Name": "Quiet Weekend", "Machines": ["machine-1", "machine-2"], "Action": "PatchProfile",
       "Payload": [{"ManagerID": "bmc", "Payload": {"Profile": "PowerSaver"}}],
       "Schedule": {"Type": "Once", "Time": "23:30:00"}}'

# Create a daily job
curl -sS -f -X POST http://127.0.0.1:8080/MultiFish/v1/JobService/Jobs \
  -H 'Authorization: Bearer demo' -H 'Content-Type: application/json' \
  -d '{"Name": "Morning Performance", "Machines": ["machine-3"], "Action": "PatchProfile",
       "Payload": {"ManagerID": "bmc", "Payload": {"Profile": "Performance"}},
       "Schedule": {"Type": "Continuous", "Time": "07:00:00", "Period": {"DaysOfWeek": ["Monday", "Friday"]}}}'

# Change its schedule; what the body does not name stays
curl -sS -f -X PATCH http://127.0.0.1:8080/MultiFish/v1/JobService/Jobs/morning-performance \
  -H 'Authorization: Bearer demo' -H 'Content-Type: application/json' \
  -d '{"Schedule": {"Time": "06:30:00", "Period": {"DaysOfWeek": null}}}'

# Run it at once, whatever its schedule
curl -sS -f -X POST http://127.0.0.1:8080/MultiFish/v1/JobService/Jobs/morning-performance/Actions/Trigger \
  -H 'Authorization: Bearer demo'

# Read how it stands
curl -sS -f http://127.0.0.1:8080/MultiFish/v1/JobService/Jobs/morning-performance

# List the jobs, and the service's capabilities
curl -sS -f http://127.0.0.1:8080/MultiFish/v1/JobService/Jobs
curl -sS -f http://127.0.0.1:8080/MultiFish/v1/JobService

# Let ten jobs run at once
curl -sS -f -X PATCH http://127.0.0.1:8080/MultiFish/v1/JobService \
  -H 'Authorization: Bearer demo' -H 'Content-Type: application/json' -d '{"WorkerPoolSize": 10}'

# Delete a job
curl -sS -f -X DELETE http://127.0.0.1:8080/MultiFish/v1/JobService/Jobs/quiet-weekend -H 'Authorization: Bearer demo'

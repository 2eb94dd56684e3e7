for _, w in ipairs{"tcp_rr","tcp_crr","udp_rr","udp_stream","tcp_stream"} do
for _, n in ipairs{1,2} do
local ok, r = pcall(run,{ role="both", workload=w, num_threads=n, num_flows=2*n, test_length="500ms", suicide_length="3s" })
if not ok then print(w, r) else
print(w, r.transactions, r.throughput, r.errors, r.correlation)
for i,w in ipairs(r.workers) do print(w.role, w.transactions, w.sends,w.receives,w.errors) for _,e in ipairs(w.error_list) do print(e.cause,e.name,e.count) end end
end
end end

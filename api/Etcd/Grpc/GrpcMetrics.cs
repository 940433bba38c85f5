using System.Diagnostics.Metrics;

namespace RestKv.Api.Etcd.Grpc;

/// <summary>What calls count themselves, read at each scrape.</summary>
internal static class GrpcMetrics
{
    public const string Started = "restkv_grpc_calls_started_total";
    public const string Received = "restkv_grpc_received_bytes_total";
    public const string Sent = "restkv_grpc_sent_bytes_total";

    public static void Register(Meter meter, GrpcMethods methods)
    {
        meter.CreateObservableCounter(Started, () => Measure(methods), null, "gRPC calls begun, by method.");
        meter.CreateObservableCounter(Received, () => methods.Traffic.Received, null, "Bytes of messages of gRPC calls that came.");
        meter.CreateObservableCounter(Sent, () => methods.Traffic.Sent, null, "Bytes of messages of gRPC calls that were written.");
    }

    private static IEnumerable<Measurement<long>> Measure(GrpcMethods methods) => methods.Routes.Select(
        route => new Measurement<long>(route.Started, new KeyValuePair<string, object?>("method", route.Path)));
}

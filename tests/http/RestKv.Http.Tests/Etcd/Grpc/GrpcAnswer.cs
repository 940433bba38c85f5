using System.Net;
using Google.Protobuf.WellKnownTypes;

namespace RestKv.Http.Tests.Etcd.Grpc;

/// <summary>What came of a call.</summary>
/// <param name="Code">-1 when there was no `grpc-status`.</param>
/// <param name="IsTrailersOnly">The status came with the headers, and nothing else did.</param>
internal sealed record GrpcAnswer(
    HttpStatusCode Http, int Code, string Text, IReadOnlyList<byte[]> Messages, bool IsTrailersOnly, string? AcceptedEncodings)
{
    public string Value => StringValue.Parser.ParseFrom(Assert.Single(Messages)).Value;
}

using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Http.Tests.Support;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd;

/// <summary>A real member whose etcd calls are made from the table, in neither of their encodings.</summary>
public sealed class EtcdNodeFixture : NodeFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal async Task<TReply> CallAsync<TReply>(string path, IMessage request, CancellationToken aborted = default)
        where TReply : class, IMessage
    {
        var method = Assert.IsType<UnaryMethod>(Service<EtcdMethods>().FindByGrpcPath(path));
        var reply = method.Invoke(request, new EtcdCall { Aborted = aborted }).AsTask();
        return Assert.IsType<TReply>(await reply.WaitAsync(Eventually.Deadline, CancellationToken.None));
    }

    internal async Task<EtcdFault> RefusedAsync(string path, IMessage request, CancellationToken aborted = default)
    {
        var method = Assert.IsType<UnaryMethod>(Service<EtcdMethods>().FindByGrpcPath(path));
        return await Assert.ThrowsAsync<EtcdFault>(
            () => method.Invoke(request, new EtcdCall { Aborted = aborted }).AsTask().WaitAsync(Eventually.Deadline, CancellationToken.None));
    }

    internal EtcdStream Open(string path, bool requiresLeader = false) => EtcdStream.Open(
        Assert.IsType<StreamMethod>(Service<EtcdMethods>().FindByGrpcPath(path)).Invoke, requiresLeader: requiresLeader);

    internal async Task<LeaseId> GrantAsync(long seconds = 600) =>
        ((OperationResult.LeaseGranted)await SubmitAsync(new Command.LeaseGrant(LeaseId.None, seconds))).Id;

    internal Task<OperationResult> RevokeAsync(LeaseId lease) => SubmitAsync(new Command.LeaseRevoke(lease));

    internal async Task<OperationResult> SubmitAsync(Command command)
    {
        var reply = await Node.SubmitAsync(command, new("", Patience), CancellationToken.None);
        Assert.False(reply.Result is OperationResult.Rejected or OperationResult.NotApplied or OperationResult.Unknown, $"{reply.Result}");
        return reply.Result;
    }
}

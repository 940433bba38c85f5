using RestKv.Api.Watch;
using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Hosting;

/// <summary>Stands where the replica would while only the document is generated. Nothing may ask it anything.</summary>
internal sealed class InertNode : INode, IBackupSource, IAuthSource
{
    public ReadView View => throw Inert();

    public bool HasDiverged => false;

    public AuthTable Auth => AuthTable.Empty;

    public long ClusterTimeMs => 0;

    public long AppliedIndex => 0;

    public NodeStatus Status => throw Inert();

    public WatchDispatcher Watches => throw Inert();

    public ValueTask<SubmitReply> SubmitAsync(Command command, SubmitOptions options, CancellationToken cancellationToken) =>
        throw Inert();

    public ValueTask<BarrierReply> ReadBarrierAsync(TimeSpan timeout, CancellationToken cancellationToken) => throw Inert();

    public ValueTask<bool> WaitForRevisionAsync(long revision, TimeSpan timeout, CancellationToken cancellationToken) =>
        throw Inert();

    public ValueTask<TableReply> QueryAsync(TableQuery query, CancellationToken cancellationToken) => throw Inert();

    public ValueTask<BackupImage> CaptureAsync(CancellationToken cancellationToken) => throw Inert();

    private static InvalidOperationException Inert() => new("There is no replica while the document is generated.");
}

using System.Threading.Channels;
using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Testing;

namespace RestKv.Http.Tests.Etcd;

/// <summary>The client's side of a streaming call without a network between: it decides when it reads.</summary>
internal sealed class EtcdStream : IEtcdRequests, IEtcdReplies, IAsyncDisposable
{
    private readonly Channel<IMessage> _requests = Channel.CreateUnbounded<IMessage>();
    private readonly Channel<IMessage> _replies;
    private readonly CancellationTokenSource _aborted = new();

    /// <param name="repliesMax">Answers that may be under way; the next one waits for the client.</param>
    private EtcdStream(int repliesMax) => _replies = Channel.CreateBounded<IMessage>(repliesMax);

    /// <summary>Done when the call is; fails as the call does.</summary>
    public Task Call { get; private set; } = Task.CompletedTask;

    public static EtcdStream Open(
        Func<IEtcdRequests, IEtcdReplies, EtcdCall, Task> method, int repliesMax = int.MaxValue, bool requiresLeader = false,
        string? certificateName = null)
    {
        var stream = new EtcdStream(repliesMax);
        var call = new EtcdCall
        {
            RequiresLeader = requiresLeader,
            CertificateName = certificateName,
            Aborted = stream._aborted.Token,
        };
        stream.Call = stream.RunAsync(method, call);
        return stream;
    }

    public void Send(IMessage request) => Assert.True(_requests.Writer.TryWrite(request));

    /// <summary>The client says that it has nothing more to ask.</summary>
    public void EndRequests() => _requests.Writer.Complete();

    /// <summary>Something that cannot be read comes in the place of a request.</summary>
    public void Garble(EtcdFault fault) => _requests.Writer.Complete(fault);

    /// <summary>The client is gone.</summary>
    public void Abort() => _aborted.Cancel();

    public async Task<T> NextAsync<T>()
        where T : class, IMessage
    {
        try
        {
            return Assert.IsType<T>(await _replies.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Deadline));
        }
        catch (ChannelClosedException)
        {
            await Call;
            throw;
        }
    }

    /// <summary>Answers that have come and were not read.</summary>
    public int Waiting => _replies.Reader.Count;

    /// <summary>The refusal with which the call ends, after answers that nobody reads.</summary>
    public async Task<EtcdFault> FaultAsync()
    {
        while (await _replies.Reader.WaitToReadAsync().AsTask().WaitAsync(Eventually.Deadline))
        {
            while (_replies.Reader.TryRead(out _))
            {
            }
        }

        return await Assert.ThrowsAsync<EtcdFault>(() => Call.WaitAsync(Eventually.Deadline));
    }

    public async ValueTask DisposeAsync()
    {
        await _aborted.CancelAsync();
        await Call.WaitAsync(Eventually.Deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.True(Call.IsCompleted);
        _aborted.Dispose();
    }

    async ValueTask<IMessage?> IEtcdRequests.NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _requests.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException closed) when (closed.InnerException is EtcdFault fault)
        {
            throw fault;
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    ValueTask IEtcdReplies.SendAsync(IMessage reply, CancellationToken cancellationToken) =>
        _replies.Writer.WriteAsync(reply, cancellationToken);

    private async Task RunAsync(Func<IEtcdRequests, IEtcdReplies, EtcdCall, Task> method, EtcdCall call)
    {
        try
        {
            await method(this, this, call);
        }
        finally
        {
            _replies.Writer.Complete();
        }
    }
}

using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Messages;
using KeyRange = RestKv.Core.Model.KeyRange;

namespace RestKv.Api.Cli.Import;

/// <summary>
/// One store by etcd's API: any of its members, again while it is out of reach, with a token that is renewed. Calls may be made side
/// by side.
/// </summary>
internal sealed class EtcdClient : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    private readonly ImportOptions _options;
    private readonly ImportReport _report;
    private readonly TimeProvider _time;
    private readonly GrpcChannel[] _channels;
    private readonly SemaphoreSlim _loggingIn = new(1);
    private volatile string _token;
    private volatile int _current;
    private ulong _cluster;

    public EtcdClient(ImportSide side, ImportOptions options, ImportReport report, TimeProvider time)
    {
        (Side, _options, _report, _time, _token) = (side, options, report, time, side.Token);
        _channels = [.. side.Endpoints.Select(endpoint => new GrpcChannel(endpoint, side))];
    }

    public ImportSide Side { get; }

    /// <summary>The id of the store; 0 before the first answer.</summary>
    public ulong Cluster => Volatile.Read(ref _cluster);

    public async Task<RangeResponse> RangeAsync(RangeRequest request, int bytesMax, CancellationToken cancellationToken)
    {
        var response = await CallAsync("/etcdserverpb.KV/Range", request, RangeResponse.Parser, cancellationToken, bytesMax);
        Recognize(response.Header);
        return response;
    }

    public Task<TxnResponse> TxnAsync(TxnRequest request, CancellationToken cancellationToken) =>
        CallAsync("/etcdserverpb.KV/Txn", request, TxnResponse.Parser, cancellationToken);

    public Task<PutResponse> PutAsync(PutRequest request, CancellationToken cancellationToken) =>
        CallAsync("/etcdserverpb.KV/Put", request, PutResponse.Parser, cancellationToken);

    public Task<LeaseGrantResponse> GrantAsync(long id, long seconds, CancellationToken cancellationToken) => CallAsync(
        "/etcdserverpb.Lease/LeaseGrant", new LeaseGrantRequest { ID = id, TTL = seconds }, LeaseGrantResponse.Parser, cancellationToken);

    /// <summary>The seconds left and granted; −1 left when there is no such lease.</summary>
    public Task<LeaseTimeToLiveResponse> TimeToLiveAsync(long id, CancellationToken cancellationToken) => CallAsync(
        "/etcdserverpb.Lease/LeaseTimeToLive",
        new LeaseTimeToLiveRequest { ID = id },
        LeaseTimeToLiveResponse.Parser,
        cancellationToken);

    /// <returns>The seconds the lease has now; 0 when it is gone.</returns>
    public async Task<long> KeepAliveAsync(long id, CancellationToken cancellationToken)
    {
        var request = new LeaseKeepAliveRequest { ID = id };
        return (await CallAsync(
            "/etcdserverpb.Lease/LeaseKeepAlive", request, LeaseKeepAliveResponse.Parser, cancellationToken)).TTL;
    }

    /// <summary>The newest revision, as a majority of the members knows it.</summary>
    public async Task<long> RevisionAsync(KeyRange range, CancellationToken cancellationToken)
    {
        var request = new RangeRequest { Key = KeyMap.StartOf(range), Limit = 1, KeysOnly = true };
        return (await RangeAsync(request, GrpcChannel.MessageBytesMax, cancellationToken)).Header.Revision;
    }

    public Task<OpenCall> WatchAsync(WatchCreateRequest create, CancellationToken cancellationToken) => RetryAsync(
        "/etcdserverpb.Watch/Watch",
        (channel, token, stopped) => channel.OpenAsync(
            "/etcdserverpb.Watch/Watch", new WatchRequest { CreateRequest = create }, token, stopped),
        cancellationToken);

    /// <summary>The next call goes to another member, with a new token.</summary>
    public void Leave()
    {
        _current = (_current + 1) % _channels.Length;
        _token = Side.Token;
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }

        _loggingIn.Dispose();
    }

    private void Recognize(ResponseHeader header)
    {
        var before = Interlocked.CompareExchange(ref _cluster, header.ClusterId, 0);
        if (before != 0 && before != header.ClusterId)
        {
            throw new ImportFailure(
                ExitCodes.Failed, $"the {Side.Name} at {string.Join(',', Side.Endpoints)} is not one cluster, or not the one it was");
        }
    }

    private Task<TReply> CallAsync<TReply>(
        string path,
        IMessage request,
        MessageParser<TReply> parser,
        CancellationToken cancellationToken,
        int bytesMax = GrpcChannel.MessageBytesMax)
        where TReply : IMessage<TReply> =>
        RetryAsync(
            path, (channel, token, stopped) => channel.CallAsync(path, request, parser, token, bytesMax, stopped), cancellationToken);

    /// <summary>Until it succeeds, is refused for good, or patience is over.</summary>
    /// <exception cref="CallFailure">A refusal.</exception>
    /// <exception cref="ImportFailure">The store was out of reach for too long.</exception>
    private async Task<T> RetryAsync<T>(
        string path, Func<GrpcChannel, string, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var mayRenew = Side.User.Length > 0;
        for (var pause = PauseMin; ; pause = pause * 2 < PauseMax ? pause * 2 : PauseMax)
        {
            var member = _current;
            try
            {
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                timeout.CancelAfter(CallTimeout);
                var token = await TokenAsync(_channels[member], timeout.Token);
                return await call(_channels[member], token, timeout.Token);
            }
            catch (Exception fault) when (fault is CallFailure or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var failure = fault as CallFailure ?? new CallFailure(
                    GrpcCode.DeadlineExceeded, $"{_channels[member].Address}: no answer to {path} in {CallTimeout.TotalSeconds:F0} s");
                if (mayRenew && failure.IsTokenRefused)
                {
                    (mayRenew, _token) = (false, "");
                    continue;
                }

                if (!failure.IsTransient)
                {
                    throw failure.At(Side);
                }

                RequirePatience(started, failure);
                _ = Interlocked.CompareExchange(ref _current, (member + 1) % _channels.Length, member);
            }

            await Task.Delay(pause, _time, cancellationToken);
        }
    }

    private void RequirePatience(long started, CallFailure failure)
    {
        var patience = Cluster == 0 ? _options.FirstPatience : _options.Patience;
        if (_time.GetElapsedTime(started) >= patience)
        {
            throw new ImportFailure(ExitCodes.Failed, $"the {Side.Name} cannot be reached: {failure.Message}");
        }

        _report.Trouble(Side.Name, failure.Message);
    }

    /// <summary>One login at a time: stores slow them down.</summary>
    private async Task<string> TokenAsync(GrpcChannel channel, CancellationToken cancellationToken)
    {
        if (_token.Length > 0 || Side.User.Length == 0)
        {
            return _token;
        }

        await _loggingIn.WaitAsync(cancellationToken);
        try
        {
            if (_token.Length == 0)
            {
                var login = new AuthenticateRequest { Name = Side.User, Password = Side.Password };
                var response = await channel.CallAsync(
                    "/etcdserverpb.Auth/Authenticate",
                    login,
                    AuthenticateResponse.Parser,
                    "",
                    GrpcChannel.MessageBytesMax,
                    cancellationToken);
                _token = response.Token;
            }

            return _token;
        }
        finally
        {
            _loggingIn.Release();
        }
    }
}
